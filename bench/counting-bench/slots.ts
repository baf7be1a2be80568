// How many invocations a second store and count. Each slot has a consumer of its own, as a shard gives it, whose calls take
// 6 ms and more.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamEvent } from 'aws-lambda';
import { TestClock } from '../../test/support/clock.ts';
import { noPause } from '../../test/support/tables.ts';
import { type Invocation, invocationsOf } from '../consume-bench/load.ts';
import { weir } from '../consume-bench/weir.ts';
import { clientAt, startMeteredTables } from '../support/metered-tables.ts';

const callMs = 6;
const invocationsEach = 150;
const load = {
  eventsPerBatch: 1,
  users: { count: 200, named: 'by UUID' },
  spreadMs: 1000,
  ids: 'made here',
} as const;

export async function benchSlots() {
  const one = await invocationsPerSecond(1);
  const four = await invocationsPerSecond(4);
  console.log(`${one.toFixed(1)} invocations a second with one slot, ${four.toFixed(1)} with four`);
  return [
    { what: 'of 4 times the rate of one slot is missing with four', figure: 1 - four / (4 * one), most: 0.2 },
  ];
}

async function invocationsPerSecond(slots: number): Promise<number> {
  const stage = await startMeteredTables(weir.tables);
  try {
    const { invocations } = invocationsOf(load, 2 * slots * invocationsEach, 1, slots);
    const bySlot = [...Map.groupBy(invocations, keyOf).values()].map((some) =>
      some.slice(0, invocationsEach),
    );
    if (bySlot.length !== slots || bySlot.some(({ length }) => length < invocationsEach))
      throw new Error('The load has too few records of a slot.');
    const consumers = bySlot.map((own) => ({ own, ...consumerAt(stage.direct) }));
    // Connections and code are warm before the clock starts.
    for (const { own, run } of consumers) for (const invocation of own.splice(0, 10)) await run(invocation);
    const startMs = performance.now();
    await Promise.all(
      consumers.map(async ({ own, run }) => {
        for (const invocation of own) await run(invocation);
      }),
    );
    const seconds = (performance.now() - startMs) / 1000;
    for (const { end } of consumers) end();
    return (slots * (invocationsEach - 10)) / seconds;
  } finally {
    await stage.end();
  }
}

const keyOf = ({ event }: Invocation) => (event as KinesisStreamEvent).Records[0]?.kinesis.partitionKey;

function consumerAt(endpoint: string) {
  const client = clientAt(endpoint);
  const slow = new Proxy(client, {
    get: (target, name: keyof DynamoDBDocumentClient) =>
      name === 'send'
        ? async (...call: Parameters<typeof client.send>) => {
            await sleep(callMs);
            return target.send(...call);
          }
        : target[name],
  });
  const clock = new TestClock();
  const { consume } = weir.build((name) => ({ client: slow, name, pause: noPause }), clock);
  return {
    run: ({ event, nowMs }: Invocation) => {
      clock.nowMs = nowMs;
      return consume(event);
    },
    end: () => client.destroy(),
  };
}
