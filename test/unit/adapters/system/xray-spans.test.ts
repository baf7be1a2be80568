import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createXraySpans, readDaemonAddress } from '../../../../adapters/system/xray-spans.ts';
import type { Span } from '../../../../domain/system/trace.ts';
import { eventually } from '../../../support/eventually.ts';

let daemon: Socket;
let received: string[];
beforeEach(async () => {
  received = [];
  daemon = createSocket('udp4', (message) => received.push(message.toString()));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
});
afterEach(() => new Promise<void>((resolve) => daemon.close(resolve)));

const port = () => daemon.address().port;
const span = (overrides: Partial<Span> = {}): Span => ({
  name: 'consume',
  context: {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentId: '00f067aa0ba902b7',
    spanId: '0102030405060708',
    sampled: true,
  },
  startMs: 1_795_256_700_250,
  endMs: 1_795_256_700_300,
  attributes: { batch_id: 'b', stored: 3 },
  ...overrides,
});
const named = (name: string) => span({ name });
const segments = async (count: number) => {
  const lines = await eventually(
    async () => received,
    (messages) => messages.length >= count,
  );
  return lines.map((line) => JSON.parse(line.split('\n')[1] ?? ''));
};

it('a sampled span is a segment document behind the header of the daemon', async () => {
  createXraySpans(`127.0.0.1:${port()}`).end(span());

  const [segment] = await segments(1);

  expect(received[0]?.split('\n')[0]).toBe('{"format":"json","version":1}');
  expect(segment).toEqual({
    name: 'consume',
    id: '0102030405060708',
    trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736',
    parent_id: '00f067aa0ba902b7',
    start_time: 1_795_256_700.25,
    end_time: 1_795_256_700.3,
    annotations: { batch_id: 'b', stored: 3 },
  });
});

it('a failed span is a fault, and the first span of a trace has no parent', async () => {
  const { parentId: _, ...context } = span().context;
  createXraySpans(`127.0.0.1:${port()}`).end(span({ failed: true, context }));

  const [segment] = await segments(1);

  expect(segment).toMatchObject({ fault: true });
  expect(segment).not.toHaveProperty('parent_id');
});

it('a span that is not sampled is not sent', async () => {
  const spans = createXraySpans(`127.0.0.1:${port()}`);
  spans.end(span({ name: 'unsampled', context: { ...span().context, sampled: false } }));
  spans.end(named('sampled'));

  expect(await segments(1)).toMatchObject([{ name: 'sampled' }]);
});

it.each([undefined, '', 'nonsense', 'host', ':2000', 'host:0', 'host:70000', 'tcp:127.0.0.1:2000'])(
  'nothing is sent, and nothing fails, if the address is %s',
  (address) => {
    expect(() => createXraySpans(address).end(span())).not.toThrow();
  },
);

it('no error is thrown if nothing listens, a host name is unknown, or a span is no JSON', async () => {
  const cycle: Record<string, never> = {};
  Object.assign(cycle, { cycle });
  const spans = createXraySpans(`127.0.0.1:${port()}`);

  createXraySpans('127.0.0.1:1').end(span());
  // Longer than a DNS label may be, so it is refused without a network call.
  createXraySpans(`${'x'.repeat(70)}:2000`).end(span());
  spans.end(span({ attributes: cycle }));
  spans.end(span({ attributes: { tooLong: 'x'.repeat(100_000) } }));
  spans.end(named('the next one'));

  expect(await segments(1)).toMatchObject([{ name: 'the next one' }]);
});

it.each([
  ['127.0.0.1:2000', { host: '127.0.0.1', port: 2000 }],
  ['udp:127.0.0.2:2001', { host: '127.0.0.2', port: 2001 }],
  ['tcp:127.0.0.1:2000 udp:127.0.0.2:2001', { host: '127.0.0.2', port: 2001 }],
  ['udp:127.0.0.2:2001 tcp:127.0.0.1:2000', { host: '127.0.0.2', port: 2001 }],
])('the address %s is parsed', (text, expected) => {
  expect(readDaemonAddress(text)).toEqual(expected);
});
