// Spans to X-Ray, as segment documents in datagrams to the daemon beside the function. By hand, because the
// tracer that one would take costs each start of a function 35 to 70 ms, and this is all that is used of it.
// Nothing is waited for: a datagram that is lost is a span less.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon

import { createSocket, type Socket } from 'node:dgram';
import { type Span, type Spans, xrayTraceId } from '../../domain/system/trace.ts';

const daemonHeader = '{"format":"json","version":1}\n';
const maxPort = 65_535;

/** `address` is what AWS_XRAY_DAEMON_ADDRESS says; without one, as on a developer's machine, nothing is sent. */
export function createXraySpans(address: string | undefined): Spans {
  const daemon = address === undefined ? undefined : readDaemonAddress(address);
  if (!daemon) return { end: () => {} };
  // Made for the first span: most invocations have none.
  let socket: Socket | undefined;
  return {
    end: (span) => {
      if (!span.context.sampled) return;
      try {
        socket ??= openSocket();
        socket.send(daemonHeader + JSON.stringify(segmentOf(span)), daemon.port, daemon.host);
      } catch {
        // As with a datagram that is lost: work does not fail for its trace.
      }
    },
  };
}

function openSocket(): Socket {
  const socket = createSocket('udp4');
  socket.unref();
  // A name that is not known would end the process; what a datagram meets on its way is told to nobody.
  socket.on('error', () => {});
  return socket;
}

type Daemon = { readonly host: string; readonly port: number };

/** "host:port", or one for each protocol: "tcp:host:port udp:host:port". */
export function readDaemonAddress(text: string): Daemon | undefined {
  const parts = text.trim().split(/\s+/);
  const udp = parts.find((part) => part.startsWith('udp:'))?.slice('udp:'.length) ?? parts[0] ?? '';
  const [, host, digits] = /^([^:]+):(\d{1,5})$/.exec(udp) ?? [];
  const port = Number(digits);
  return host && port > 0 && port <= maxPort ? { host, port } : undefined;
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
const segmentOf = ({ name, context, startMs, endMs, failed, attributes }: Span) => ({
  name,
  id: context.spanId,
  trace_id: xrayTraceId(context),
  parent_id: context.parentId,
  start_time: startMs / 1000,
  end_time: endMs / 1000,
  ...(failed && { fault: true }),
  // What can be searched for; X-Ray indexes 50 of a trace.
  annotations: attributes,
});
