// How a history may begin, so that what is rare happens often enough.

import { longestStreamMs } from '../../domain/storing/origin.ts';
import { dayMs, secondMs } from '../../domain/system/time.ts';
import { consume, request, settleObject, writeDeadLetter } from './functions.ts';
import { type LogOpening, openLogs } from './log-openings.ts';
import { calm } from './quiet-times.ts';
import { fold, foldAll, read } from './readers.ts';
import type { Actor } from './scheduler.ts';
import { goOnToPut, toTheEnd } from './steps.ts';
import type { World } from './world.ts';

/**
 * lag: the records after the first one have their receipts, some consumers are late to put one of the first, and a run that
 * covers it is being folded, and read. left behind: a consumer is stalled in the middle of the first record, which has left
 * the stream and is quarantined. abandoned: nobody settles the dead letter of a record until its retention is over, or its
 * made ids may be given away. refused: the tables refuse the lane of the first record, and serve others.
 */
export type Opening = typeof noOpening | LeftBehind | Abandoned | Lag | Refused | LogOpening;

export const noOpening = { kind: 'none' } as const;

type LeftBehind = {
  readonly kind: 'left behind';
  /** How many calls the consumer has made. */
  readonly calls: number;
  /** Whether an operator has discarded the record. */
  readonly isDiscarded: boolean;
};

type Abandoned = {
  readonly kind: 'abandoned';
  /** How many records are counted before. */
  readonly others: number;
  readonly days: number;
};

/** By then, an id that the record made may be given away. */
export const givenAwayAfterDays = longestStreamMs / dayMs + 1;

type Refused = {
  readonly kind: 'refused';
  readonly records: number;
  /** How many calls the consumer has made. */
  readonly calls: number;
  /** Bits of the entries that the stream then delivers again. */
  readonly again: number;
  /** Whether the tables then serve the lane. */
  readonly isServed: boolean;
};

type Lag = {
  readonly kind: 'lag';
  readonly laggards: number;
  /** How many calls the fold, the first laggard after it was about to put, and the reader have made. */
  readonly foldCalls: number;
  readonly lateCalls: number;
  readonly readCalls: number;
  /** Whether the first laggard then dies. */
  readonly isKilled: boolean;
};

export async function open(world: World, opening: Opening): Promise<void> {
  if (opening.kind === 'lag') await lag(world, opening);
  else if (opening.kind === 'left behind') await leaveBehind(world, opening);
  else if (opening.kind === 'abandoned') await abandon(world, opening);
  else if (opening.kind === 'refused') await refuseLane(world, opening);
  else if (opening.kind !== 'none') await openLogs(world, opening);
}

async function lag(world: World, opening: Lag): Promise<void> {
  const { scheduler } = world;
  for (let records = 0; records < 4 && world.accept(); records += 1) world.pass(20 * secondMs);
  const [first, ...others] = world.entries;
  if (!first) return;
  const laggards: Actor[] = [];
  for (let consumer = 0; consumer < opening.laggards; consumer += 1) {
    const actor = await consume(world, [first]);
    if (!actor) return;
    await goOnToPut(scheduler, actor);
    laggards.push(actor);
  }
  const consumer = await consume(world, others);
  if (consumer) await scheduler.toTheEnd(consumer);
  await scheduler.goOnWith(await fold(world, first.record.lane), opening.foldCalls);
  const [laggard] = laggards;
  if (laggard) await scheduler.goOnWith(laggard, opening.lateCalls);
  if (laggard && opening.isKilled) scheduler.kill(laggard, 'it dies');
  await scheduler.goOnWith(await read(world, first.record.lane), opening.readCalls);
}

async function leaveBehind(world: World, { calls, isDiscarded }: LeftBehind): Promise<void> {
  if (!world.accept()) return;
  const entries = [...world.entries];
  const actor = await consume(world, entries);
  if (!actor) return;
  await world.scheduler.goOnWith(actor, calls);
  world.scheduler.stall(actor);
  await writeDeadLetter(world, entries, false);
  await settleObject(world, world.objects[0] ?? '');
  await toTheEnd(world, 0);
  const [record] = world.records;
  if (!isDiscarded || !record) return;
  await request(world, 'discard', record);
  await toTheEnd(world, 0);
}

async function abandon(world: World, { others, days }: Abandoned): Promise<void> {
  for (let record = 0; record < others; record += 1) world.accept();
  await calm(world);
  const counted = world.entries.length;
  if (!world.accept()) return;
  await writeDeadLetter(world, world.entries.slice(counted), false);
  await foldAll(world);
  world.pass(days * dayMs);
}

/** Always on one instance, which knows that the lane is refused. */
async function refuseLane(world: World, { records, calls, again, isServed }: Refused): Promise<void> {
  for (let record = 0; record < records; record += 1) world.accept();
  const [first] = world.entries;
  if (!first) return;
  world.refuse(first.record.lane);
  const consumer = await consume(world, [...world.entries], 0);
  if (consumer) await world.scheduler.goOnWith(consumer, calls);
  const entries = world.entries.filter((_, index) => (again & (1 << index)) !== 0);
  const another = await consume(world, entries, 0);
  if (another) await world.scheduler.toTheEnd(another);
  if (isServed) world.serve();
}
