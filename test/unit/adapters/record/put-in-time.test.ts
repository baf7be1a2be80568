// A call to the stream can be ended early: whoever is refused must not wait for a stream that does not answer.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKinesisClient, KinesisEventStream } from '../../../../adapters/record/kinesis-event-stream.ts';
import { systemClock } from '../../../../adapters/system/clock-and-random.ts';
import { StreamHealth } from '../../../../domain/record/stream-health.ts';
import { streamBreaker } from '../../../../domain/system/breaker.ts';

/** It takes requests and never answers. */
const server = createServer(() => {});
let endpoint = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('an optional record alone is left out at its deadline', async () => {
  let leftOut = 0;
  const stream = new KinesisEventStream({
    client: createKinesisClient(
      { connectTimeoutMs: 5000, requestTimeoutMs: 20_000 },
      { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    ),
    name: 'events',
    clock: systemClock,
    pause: async () => false,
    overloadPause: async () => false,
    health: new StreamHealth({ clock: systemClock, settings: streamBreaker }),
    onLeftOut: () => {
      leftOut += 1;
    },
  });
  const beganMs = performance.now();

  await stream.put([{ partitionKey: 'p', data: new Uint8Array(1), isOptional: true }], Date.now() + 300);

  expect(performance.now() - beganMs).toBeLessThan(5000);
  expect(leftOut).toBe(1);
});
