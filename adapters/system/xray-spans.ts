// Sends spans to X-Ray as segment documents, in UDP datagrams to the daemon next to the function. Written by hand,
// because the tracer of Powertools adds 35 to 70 ms to each start of a function, for more than Weir needs. Nothing
// waits for an answer: if a datagram is lost, its span is missing.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon

import { createSocket, type Socket } from 'node:dgram';
import { type Span, type Spans, xrayTraceId } from '../../domain/system/trace.ts';

const daemonHeader = '{"format":"json","version":1}\n';
const maxPort = 65_535;

/** `address`: the value of AWS_XRAY_DAEMON_ADDRESS. Without one, as on a developer's machine, nothing is sent. */
export function createXraySpans(address: string | undefined): Spans {
  const daemon = address === undefined ? undefined : readDaemonAddress(address);
  if (!daemon) return { end: () => {} };
  // Opened for the first sampled span, because most invocations have none.
  let socket: Socket | undefined;
  return {
    end: (span) => {
      if (!span.context.sampled) return;
      try {
        socket ??= openSocket();
        socket.send(daemonHeader + JSON.stringify(segmentOf(span)), daemon.port, daemon.host);
      } catch {
        // Work must not fail because of its trace.
      }
    },
  };
}

function openSocket(): Socket {
  const socket = createSocket('udp4');
  socket.unref();
  // Without a listener, an unknown host name would end the process. Errors of datagrams are ignored.
  socket.on('error', () => {});
  return socket;
}

type Daemon = { readonly host: string; readonly port: number };

/** "host:port", or one address for each protocol: "tcp:host:port udp:host:port". */
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
  // X-Ray indexes annotations for search, at most 50 of a trace.
  annotations: attributes,
});
