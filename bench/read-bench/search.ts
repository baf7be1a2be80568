// Pages of a search, from the first to the thousandth.

import { seededRandom } from '@weir/twin/faults';
import { seedRandomBytes } from '../../domain/record/batch-id.ts';
import { dayMs, hourMs, secondMs } from '../../domain/system/time.ts';
import { readEvents } from '../../lambdas/read/events.ts';
import { httpRequest } from '../../test/support/requests.ts';
import { type SealedRecord, sealed } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';
import type { Held } from '../support/held.ts';
import { callerOf, percentile, type ReadStage, type Spent, startReadStage } from './stage.ts';

const endMs = Date.parse('2026-11-21T10:00:00.000Z');
const events = 200_000;
const pages = [1, 10, 100, 1000];
/** One event in so many is of the rare type. */
const rareEach = 5000;
const times = 5;
/** A page may end a little before or after the pages that were read for it. */
const neighbours = 20;

type Load = {
  readonly name: string;
  readonly slots: number;
  readonly eventsPerBatch: number;
  readonly overMs: number;
  readonly spreadMs: number;
};
const loads: readonly Load[] = [
  { name: 'dense, batches of 100', slots: 1, eventsPerBatch: 100, overMs: hourMs, spreadMs: secondMs },
  {
    name: 'dense, batches of 100, 8 slots',
    slots: 8,
    eventsPerBatch: 100,
    overMs: hourMs,
    spreadMs: secondMs,
  },
  {
    name: 'dense, batches of 10 of 10 s',
    slots: 1,
    eventsPerBatch: 10,
    overMs: 3 * hourMs,
    spreadMs: 10 * secondMs,
  },
  { name: 'sparse, batches of 10', slots: 1, eventsPerBatch: 10, overMs: 20 * dayMs, spreadMs: secondMs },
];
const questions: readonly Record<string, string>[] = [
  { limit: '100' },
  { limit: '100', order: 'asc' },
  { limit: '100', type: 'rare' },
];

export async function benchSearch(): Promise<Held[]> {
  const held: Held[] = [];
  for (const load of loads) {
    const stage = await startReadStage();
    try {
      await stage.storePages([...recordsOf(load)]);
      stage.clock.nowMs = endMs;
      console.log(`${load.name}: ${events} events`);
      for (const question of questions) held.push(...(await pagesOf(stage, load, question)));
    } finally {
      await stage.end();
    }
  }
  return held;
}

function* recordsOf({ slots, eventsPerBatch, overMs, spreadMs }: Load): Generator<SealedRecord> {
  const shop = shopOf({ count: 200, named: 'by UUID' }, seededRandom(1));
  const batches = events / eventsPerBatch;
  for (let batch = 0; batch < batches; batch += 1) {
    const atMs = endMs - overMs + Math.floor((batch * overMs) / batches);
    const sent = Array.from({ length: eventsPerBatch }, (_, index) => {
      const event = shop.event(atMs, spreadMs);
      return (batch * eventsPerBatch + index) % rareEach === 0 ? { ...event, type: 'rare' } : event;
    });
    yield* sealed(sent, atMs, shop.bytes(seedRandomBytes), slots);
  }
}

async function pagesOf(stage: ReadStage, load: Load, question: Record<string, string>): Promise<Held[]> {
  const name = `${load.name}, ${new URLSearchParams(question)}`;
  const ask = (cursor?: string) =>
    readEvents(
      stage.deps,
      httpRequest({
        method: 'GET',
        query: { ...question, ...(cursor !== undefined && { cursor }) },
        caller: callerOf(load.slots),
      }),
    );
  const spent = new Map<number, Spent>();
  const units: number[] = [];
  let most = { calls: 0, units: 0 };
  let shown = 0;
  let cursor: string | undefined;
  let page = 1;
  for (; ; page += 1) {
    const { answer, spent: ofPage } = await stage.measure(() => ask(cursor), false);
    most = { calls: Math.max(most.calls, ofPage.calls), units: Math.max(most.units, ofPage.units) };
    units.push(ofPage.units);
    if (pages.includes(page)) {
      const again = [];
      for (let time = 0; time < times; time += 1)
        again.push((await stage.measure(() => ask(cursor))).spent.ms);
      spent.set(page, { ...ofPage, ms: percentile(again, 0.5) });
    }
    shown += answer.events.length;
    cursor = answer.next_cursor;
    if (cursor === undefined || page === Math.max(...pages)) break;
  }
  console.log(`  ${new URLSearchParams(question)}: ${shown} events on ${page} pages`);
  for (const [number, { units: ofPage, calls, ms }] of spent)
    console.log(`    page ${number}: ${ofPage.toFixed(1)} units, ${calls} calls, ${ms.toFixed(0)} ms`);
  const isDeep = spent.size === pages.length;
  return [
    { what: `calls of the dearest page, ${name}`, figure: most.calls, most: 50 },
    { what: `read units of the dearest page, ${name}`, figure: most.units, most: 200 },
    ...(isDeep
      ? [
          {
            what: `units of pages 981 to 1,000 to those of 1 to 20, ${name}`,
            figure: mean(units.slice(-neighbours)) / mean(units.slice(0, neighbours)),
            most: 1.2,
          },
        ]
      : []),
  ];
}

const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;
