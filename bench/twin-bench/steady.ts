// How long requests take at a steady rate, while their events are stored. A request is sent when it is due, however many
// are under way, and its time begins there.

import { sendSteadily } from '../../test/support/load.ts';
import type { Held } from '../support/held.ts';
import { benchEvent } from './events.ts';
import { processorSeconds, renderUse } from './processor.ts';
import { quiet } from './quiet.ts';
import type { Twin } from './serve.ts';

const batchSize = 10;
const requestsPerSecond = 200;
const seconds = 20;
const warmSeconds = 8;

export async function benchSteady({ url, pid }: Twin, apiKey: string): Promise<readonly Held[]> {
  const send = (forSeconds: number) =>
    sendSteadily({
      url,
      perSecond: requestsPerSecond,
      count: forSeconds * requestsPerSecond,
      next: (index) => ({
        method: 'POST',
        path: '/v1/events',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(
          Array.from({ length: batchSize }, (_, at) => benchEvent(index * batchSize + at, 'UUIDv7 of now')),
        ),
      }),
    });
  await send(warmSeconds);
  await quiet(url);
  const before = processorSeconds(pid);
  const outcomes = await send(seconds);
  await quiet(url);
  const use = renderUse(before, processorSeconds(pid), outcomes.length / 1000);
  const refused = outcomes.filter(({ status }) => status !== 202);
  if (refused.length > 0) console.log(`${refused.length} requests were answered otherwise than with 202`);
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  console.log(
    `${requestsPerSecond} requests a second with ${batchSize} events: P50 ${at(0.5).toFixed(0)} ms, ` +
      `P95 ${at(0.95).toFixed(0)} ms, P99 ${at(0.99).toFixed(0)} ms, most ${at(1).toFixed(0)} ms\n` +
      `ms of CPU a request, stored: ${use}`,
  );
  return [{ what: `ms of a request, P99, at ${requestsPerSecond} a second`, figure: at(0.99), most: 100 }];
}
