// How many links are put in vain where several slots write one claim log: four consumers, each with the records of a slot,
// as the mapping hands them over. All ids are UUIDv7 of now, and every call takes 6 ms and more.

import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@weir/twin/faults';
import { type Json, jsonBody, readPartiQl, type Step } from '@weir/twin/parts';
import { seedRandomBytes } from '../../domain/record/batch-id.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { secondMs } from '../../domain/system/time.ts';
import { TestClock } from '../../test/support/clock.ts';
import { noPause } from '../../test/support/tables.ts';
import { invocationOf, type SealedRecord, sealed } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';
import { weir } from '../consume-bench/weir.ts';
import { clientAt, startMeteredTables } from '../support/metered-tables.ts';

const callMs = 6;
const slots = 4;
const eventsPerBatch = 100;
const batchesPerSecond = 20;
const seconds = 32;
/** How long a client collects a batch. */
const spreadMs = secondMs;

const slowly: Step = async (call, next) => {
  await sleep(callMs);
  return next(call);
};

export async function benchWindow() {
  const puts = countLinks();
  const stage = await startMeteredTables(weir.tables, [puts.step, slowly]);
  const shop = shopOf({ count: 200, named: 'by UUID' }, seededRandom(1));
  const consumers = new Map<string, ReturnType<typeof consumerAt>>();
  const consumerOf = ({ partitionKey }: SealedRecord) => {
    const consumer = consumers.get(partitionKey) ?? consumerAt(stage.url);
    consumers.set(partitionKey, consumer);
    return consumer;
  };
  const batches = seconds * batchesPerSecond;
  try {
    const startMs = performance.now();
    for (let batch = 0; batch < batches; batch += 1) {
      const nowMs = Date.now();
      const events = Array.from({ length: eventsPerBatch }, () => {
        const event = shop.event(nowMs, spreadMs);
        return { ...event, event_id: shop.uuidV7(Date.parse(event.timestamp)) };
      });
      for (const record of sealed(events, nowMs, shop.bytes(seedRandomBytes), slots))
        consumerOf(record).take(record);
      const nextMs = startMs + ((batch + 1) * secondMs) / batchesPerSecond;
      await sleep(Math.max(0, nextMs - performance.now()));
    }
    for (const { ended } of consumers.values()) await ended();
    const { all, lost } = puts.counts();
    console.log(
      `${all} links put for ${batches} batches of ${eventsPerBatch} in ${slots} slots, ${lost} in vain`,
    );
    return [{ what: 'of all links are put in vain with four slots', figure: lost / all, most: 0.2 }];
  } finally {
    for (const { end } of consumers.values()) end();
    await stage.end();
  }
}

/** Takes the records of a slot, and hands over all that wait a second after the first of them has come. */
function consumerAt(endpoint: string) {
  const client = clientAt(endpoint);
  const clock = new TestClock();
  const { consume } = weir.build((name) => ({ client, name, pause: noPause }), clock);
  let waiting: SealedRecord[] = [];
  let running = Promise.resolve();
  const run = async (sinceMs: number) => {
    const dueMs = sinceMs + delivery.batchingWindowSeconds * secondMs;
    await sleep(Math.max(0, dueMs - performance.now()));
    const { event } = invocationOf(waiting);
    waiting = [];
    clock.nowMs = Date.now();
    await consume(event);
  };
  return {
    take: (record: SealedRecord): void => {
      waiting.push(record);
      const sinceMs = performance.now();
      if (waiting.length === 1) running = running.then(() => run(sinceMs));
    },
    ended: () => running,
    end: () => client.destroy(),
  };
}

type Statements = readonly { readonly Statement: string }[];
type Responses = readonly { readonly Error?: { readonly Code: string } }[];

/** A link is lost if its position is taken. */
function countLinks() {
  let [all, lost] = [0, 0];
  const step: Step = async (call, next) => {
    const answer = await next(call);
    if (call.operation !== 'BatchExecuteStatement') return answer;
    const { Statements = [] } = (jsonBody(call.body) ?? {}) as Json & { readonly Statements?: Statements };
    const { Responses = [] } = (jsonBody(answer.body) ?? {}) as Json & { readonly Responses?: Responses };
    Statements.forEach(({ Statement }, index) => {
      if (readPartiQl(Statement)?.table !== 'claim-logs') return;
      all += 1;
      if (Responses[index]?.Error?.Code === 'DuplicateItem') lost += 1;
    });
    return answer;
  };
  return { step, counts: () => ({ all, lost }) };
}
