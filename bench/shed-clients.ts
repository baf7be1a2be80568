// What official clients do with a server that refuses them for a while: how often they ask meanwhile, and what they lose.
// Each has an event twice a second and sends a batch each second, as long as the server refuses, which then answers 200.
// `npm install --prefix DIR @segment/analytics-node@3.1.0 @rudderstack/rudder-sdk-node@3.0.13`, outside of this folder, and
// then `npm run bench:shed-clients -- --clients DIR`. `--seconds N`: how long it refuses.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const { values } = parseArgs({
  options: { clients: { type: 'string' }, seconds: { type: 'string', default: '60' } },
});
if (values.clients === undefined) throw new Error('--clients names the folder where they are installed.');
const load = createRequire(join(values.clients, 'any.js'));
const refusedMs = Number(values.seconds) * 1000;
/** Until the last of them has come back. */
const restMs = 150_000;
const clientsOfCase = 3;
const eventEveryMs = 500;

type Track = (event: string, done: (error: unknown) => void) => void;
const of = { userId: 'u', event: 'Order Completed' };

const clients: Readonly<Record<string, (url: string) => Track>> = {
  'analytics-node': (url) => {
    const { Analytics } = load('@segment/analytics-node');
    const client = new Analytics({ writeKey: 'key', host: url, flushAt: 100, flushInterval: 1000 });
    client.on('error', () => {});
    return (id, done) => client.track({ ...of, messageId: id }, done);
  },
  'rudder-sdk-node': (url) => {
    const Client = load('@rudderstack/rudder-sdk-node');
    const options = { dataPlaneUrl: url, flushAt: 100, flushInterval: 1000, gzip: false, logLevel: 'none' };
    const client = new (Client.default ?? Client)('key', { ...options, errorHandler: () => {} });
    return (id, done) => client.track({ ...of, messageId: id }, done);
  },
};

type Refusal = { readonly status: number; readonly fromSeconds: number; readonly toSeconds: number };
const retryAfters = [
  [1, 1],
  [5, 5],
  [10, 10],
  [30, 60],
  [60, 120],
] as const;
const refusals: readonly Refusal[] = [429, 503].flatMap((status) =>
  retryAfters.map(([fromSeconds, toSeconds]) => ({ status, fromSeconds, toSeconds })),
);

async function measure(name: string, { status, fromSeconds, toSeconds }: Refusal) {
  const beganMs = Date.now();
  const isRefusing = () => Date.now() < beganMs + refusedMs;
  const delivered = new Set<string>();
  const bySecond = new Map<number, number>();
  let whileRefusing = 0;
  const server = createServer(async (request, response) => {
    const second = Math.floor((Date.now() - beganMs) / 1000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
    const chunks = await Array.fromAsync(request);
    if (isRefusing()) {
      whileRefusing += 1;
      const retryAfter = Math.round(fromSeconds + Math.random() * (toSeconds - fromSeconds));
      response.writeHead(status, { 'retry-after': String(retryAfter) }).end('{}');
      return;
    }
    const bytes = Buffer.concat(chunks);
    const { batch } = JSON.parse(
      String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes),
    );
    for (const { messageId } of batch) delivered.add(messageId);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tracks = Array.from({ length: clientsOfCase }, () => clients[name]?.(`http://127.0.0.1:${port}`));
  let sent = 0;
  /** As the client says. Some of these it sends all the same, later. */
  const failed = new Set<string>();
  while (isRefusing()) {
    for (const track of tracks) {
      sent += 1;
      const id = `event-${sent}`;
      track?.(id, (error) => {
        if (error) failed.add(id);
      });
    }
    await sleep(eventEveryMs);
  }
  await sleep(restMs);
  server.closeAllConnections();
  server.close();
  const lost = failed.difference(delivered).size;
  const most = Math.max(...bySecond.values());
  return {
    client: name,
    status,
    'retry-after': fromSeconds === toSeconds ? `${fromSeconds}` : `${fromSeconds} to ${toSeconds}`,
    'requests while refused': whileRefusing,
    'most in a second': most,
    events: sent,
    delivered: delivered.size,
    waiting: sent - delivered.size - lost,
    lost,
  };
}

const cases = Object.keys(clients).flatMap((name) => refusals.map((refusal) => measure(name, refusal)));
console.table(await Promise.all(cases));
process.exit(0);
