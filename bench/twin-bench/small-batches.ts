// A lane of small batches: records of one event each, in one slot, put into the stream directly, while every AWS call takes
// 6 ms. How many of those that wait are counted a second, and how fresh they are when they come at a steady rate.

import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { seededRandom } from '@weir/twin/faults';
import { clientOptions, requestTimeouts } from '../../adapters/aws/client-options.ts';
import { seedRandomBytes } from '../../domain/record/batch-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type SealedRecord, sealed } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';
import type { Held } from '../support/held.ts';
import { consumeMetrics, forgetMetrics, type Line, storedIn, valuesOf } from './metrics.ts';
import { processorSeconds, renderUse } from './processor.ts';
import type { Twin } from './serve.ts';

const callMs = 6;
const waiting = 8000;
const steady = { eachSecond: 200, seconds: 20, everyMs: 50 };
const recordsPerPut = 500;
/** What a shard takes of a put that is more than it takes in a second, it takes a moment later. */
const refusedMs = 100;

export async function benchSmallBatches(twin: Twin): Promise<readonly Held[]> {
  const client = new KinesisClient({
    ...clientOptions(requestTimeouts),
    endpoint: twin.proxyUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  });
  const shop = shopOf({ count: 200, named: 'by UUID' }, seededRandom(Date.now()));
  const recordsNow = (count: number): SealedRecord[] =>
    Array.from({ length: count }, () => {
      const nowMs = Date.now();
      const event = { event_id: shop.uuid(), ...shop.event(nowMs, 1000) };
      return sealed([event], nowMs, shop.bytes(seedRandomBytes), 1);
    }).flat();
  const stream = { client, name: twin.streamName };
  try {
    // Code is warm before the clock starts.
    await countWaiting(twin, stream, recordsNow(1000));
    const { perSecond, use } = await countWaiting(twin, stream, recordsNow(waiting));
    console.log(
      `records of one event that wait: ${perSecond.toFixed(0)} counted a second; ms of CPU a record: ${use}`,
    );
    const freshnessMs = await putSteadily(twin, stream, recordsNow);
    const at = (share: number) => freshnessMs[Math.ceil(freshnessMs.length * share) - 1] ?? Number.NaN;
    console.log(
      `at ${steady.eachSecond} a second: freshness P50 ${at(0.5)} ms, P95 ${at(0.95)} ms, P99 ${at(0.99)} ms`,
    );
    return [
      { what: 'ms to count a record of one event that waits', figure: 1000 / perSecond, most: 1000 / 800 },
      { what: `s of freshness P95 at ${steady.eachSecond} a second`, figure: at(0.95) / 1000, most: 2 },
    ];
  } finally {
    client.destroy();
    await setFaults(twin, []);
  }
}

const latency = { on: {}, do: { kind: 'latency', ms: callMs } };
const stopped = { on: { caller: 'consume' }, do: { kind: 'stop' } };

async function setFaults({ url }: Twin, rules: readonly object[]): Promise<void> {
  const { ok } = await fetch(`${url}/_weir/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
  if (!ok) throw new Error('The twin did not take the fault plan.');
}

type Stream = { readonly client: KinesisClient; readonly name: string };

async function countWaiting(twin: Twin, stream: Stream, records: readonly SealedRecord[]) {
  await setFaults(twin, [stopped]);
  await forgetMetrics(twin.url);
  for (let first = 0; first < records.length; first += recordsPerPut)
    await putAll(stream, records.slice(first, first + recordsPerPut));
  const before = processorSeconds(twin.pid);
  const startMs = Date.now();
  await setFaults(twin, [latency]);
  const lines = await untilCounted(twin, records.length);
  const lastMs = Math.max(...lines.map(({ _aws }) => _aws.Timestamp));
  const seconds = (lastMs - startMs) / 1000;
  return {
    perSecond: records.length / seconds,
    use: renderUse(before, processorSeconds(twin.pid), records.length / 1000),
  };
}

async function putSteadily(
  twin: Twin,
  stream: Stream,
  recordsNow: (count: number) => SealedRecord[],
): Promise<readonly number[]> {
  await forgetMetrics(twin.url);
  const each = (steady.eachSecond * steady.everyMs) / 1000;
  const puts: Promise<void>[] = [];
  const startMs = performance.now();
  for (let put = 0; put * steady.everyMs < steady.seconds * 1000; put += 1) {
    await sleep(Math.max(0, startMs + put * steady.everyMs - performance.now()));
    puts.push(putAll(stream, recordsNow(each)));
  }
  await Promise.all(puts);
  const lines = await untilCounted(twin, puts.length * each);
  return valuesOf(lines, metricNames.freshness).toSorted((one, other) => one - other);
}

async function putAll({ client, name }: Stream, records: readonly SealedRecord[]): Promise<void> {
  let left = records;
  while (left.length > 0) {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: name,
        Records: left.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
      }),
    );
    left = left.filter((_, index) => Records[index]?.ErrorCode !== undefined);
    if (left.length > 0) await sleep(refusedMs);
  }
}

const untilCounted = ({ url }: Twin, events: number): Promise<readonly Line[]> =>
  eventually(
    () => consumeMetrics(url),
    (lines) => storedIn(lines) >= events,
    120_000,
  );
