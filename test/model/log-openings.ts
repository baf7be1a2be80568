// How a history of claim logs may begin, so that links expire where that matters, and claims are released behind the back
// of an instance that knows them.

import { claimGraceMs, finishDiscardAfterMs } from '../../domain/quarantine/quarantine.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';
import { inWindow } from './event-ids.ts';
import { consume, request, sweep, writeDeadLetter } from './functions.ts';
import { calm } from './quiet-times.ts';
import { foldAll } from './readers.ts';
import type { RecordPlan } from './records.ts';
import type { Actor } from './scheduler.ts';
import { toTheEnd } from './steps.ts';
import type { World } from './world.ts';

/**
 * gap: some links of a log have expired, before or behind what an instance knows of it, or the log was full. leftover: a
 * log has begun again while a link of the last one is still there, and two instances are about to put a link in its place.
 * end of life: a consumer is in the middle of its calls when the last link of a log expires, and another one has begun the
 * log again. discarded: the claims of a record, which an instance knows, have been released. last link: two instances are
 * about to put the link that fills a log. late: a record was received before the retention of another one ended, and is
 * tried after it.
 */
export type LogOpening =
  | Gap
  | { readonly kind: 'leftover' }
  | EndOfLife
  | Discarded
  | { readonly kind: 'last link' }
  | Late;

type Gap = { readonly kind: 'gap'; readonly first: 'short' | 'long' | 'full' };

type EndOfLife = {
  readonly kind: 'end of life';
  readonly records: number;
  /** How many calls the consumer has made, and whether its next one fails then. */
  readonly calls: number;
  readonly fails: boolean;
};

type Discarded = {
  readonly kind: 'discarded';
  /** Whether the retention of its record had ended, and another one had taken its claims over. */
  readonly isOvertaken: boolean;
  /** Whether it has filled its log, and claimed another id singly. */
  readonly isFull: boolean;
};

type Late = {
  readonly kind: 'late';
  /** Not on the stream any more, but as a dead letter: when all guards have expired. */
  readonly isAbandoned: boolean;
};

export async function openLogs(world: World, opening: LogOpening): Promise<void> {
  if (opening.kind === 'gap') await leaveGap(world);
  if (opening.kind === 'leftover') await leaveOver(world);
  if (opening.kind === 'end of life') await endLife(world, opening);
  if (opening.kind === 'discarded') await discard(world, opening);
  if (opening.kind === 'last link') {
    await store(world, 0);
    await begin(world, 1);
    await begin(world, 2);
  }
  if (opening.kind === 'late') await comeLate(world, opening);
}

/** What the opening is about is in the first records: `index` is the place of the plan among them. */
export function planAfterLogOpening(opening: LogOpening, plan: RecordPlan, index: number): RecordPlan {
  if (opening.kind === 'gap' && index < 4) return planAfterGap(opening, plan, index);
  if (opening.kind === 'leftover' && index < 5) return planAfterLeftover(plan, index);
  if (opening.kind === 'discarded' && index < 3) return planAfterDiscard(opening, plan, index);
  if (opening.kind === 'last link' && index === 0)
    return { ...plan, tenant: 0, kind: 'plain', ids: own.slice(0, 4) };
  if (opening.kind === 'late' && index < 2)
    return { ...plan, tenant: 0, kind: 'plain', ids: withShared(plan), retentionDays: 1 };
  if (opening.kind === 'end of life' && index < opening.records + 2) {
    // The one that begins the log again puts two links.
    const ids = index > opening.records ? [...withShared(plan), ...own.slice(0, 2)] : withShared(plan);
    return { ...plan, tenant: 0, kind: 'plain', ids };
  }
  return plan;
}

/** Ids of the first window that no plan has by itself. Six of them fill a log of the model. */
const own = [3, 4, 5, 6, 7, 8, 9].map(inWindow);

const withShared = ({ ids }: RecordPlan): number[] => [...new Set([inWindow(0), ...ids])];

function planAfterGap({ first }: Gap, plan: RecordPlan, index: number): RecordPlan {
  const isShort = first === 'long' ? index === 1 : index === 0;
  const filling = first === 'full' ? own.slice(0, 6) : own.slice(index, index + 1);
  const ids = index === 0 || (first === 'long' && index === 1) ? filling : withShared(plan);
  return { ...plan, tenant: 0, kind: 'plain', ids, retentionDays: isShort ? 1 : 90 };
}

function planAfterLeftover(plan: RecordPlan, index: number): RecordPlan {
  const shared = withShared(plan);
  const ids = index === 0 ? own.slice(0, 1) : index < 3 ? shared : [...own.slice(1, 2), ...shared];
  return { ...plan, tenant: 0, kind: 'plain', ids, retentionDays: index < 2 ? 1 : 90 };
}

function planAfterDiscard({ isOvertaken, isFull }: Discarded, plan: RecordPlan, index: number): RecordPlan {
  const shared = { ...plan, tenant: 0, retentionDays: 90, ids: withShared(plan) };
  if (index > 0) return { ...shared, kind: 'plain' };
  const ids = isFull ? own : shared.ids;
  return { ...shared, kind: 'fails at pages', ids, retentionDays: isOvertaken ? 1 : 90 };
}

/** All that is on the stream once the next record is accepted, and which an instance is to store. */
async function begin(world: World, instance: number): Promise<Actor | undefined> {
  const before = world.entries.length;
  world.accept();
  return consume(world, world.entries.slice(before), instance);
}

async function store(world: World, instance: number): Promise<void> {
  const actor = await begin(world, instance);
  if (actor) await world.scheduler.toTheEnd(actor);
  await calm(world);
}

async function leaveGap(world: World): Promise<void> {
  for (const instance of [0, 1, 1]) await store(world, instance);
  await foldAll(world);
  world.pass(10 * dayMs);
  world.forget();
  await begin(world, 0);
}

async function leaveOver(world: World): Promise<void> {
  for (const instance of [0, 0]) await store(world, instance);
  await foldAll(world);
  world.pass(10 * dayMs);
  world.forget(({ position }) => position === 0);
  await store(world, 1);
  await begin(world, 0);
  await begin(world, 2);
}

async function endLife(world: World, { records, calls, fails }: EndOfLife): Promise<void> {
  for (let record = 0; record < records; record += 1) await store(world, record);
  await foldAll(world);
  const [links] = world.stores.claimLogs.links.values();
  const last: Link | undefined = [...(links?.values() ?? [])].at(-1);
  if (!last) return;
  world.pass(Math.max(0, last.expiresAtMs - world.clock.nowMs - 5 * minuteMs));
  const actor = await begin(world, 2);
  if (actor) await world.scheduler.goOnWith(actor, calls);
  world.pass(6 * minuteMs);
  world.forget();
  const other = await begin(world, 0);
  if (other) await world.scheduler.toTheEnd(other);
  if (actor && fails) await world.scheduler.goOn(world.scheduler.placeOf(actor), 'unavailable');
}

async function discard(world: World, { isOvertaken }: Discarded): Promise<void> {
  await store(world, 0);
  const [record] = world.records;
  if (!record) return;
  if (isOvertaken) {
    await foldAll(world);
    // Past the end of its claims, and before its payload is gone.
    world.pass(Math.max(0, record.untilMs + minuteMs - world.clock.nowMs));
    await store(world, 1);
  }
  await request(world, 'discard', record);
  await toTheEnd(world, 0);
  world.pass(finishDiscardAfterMs);
  await sweep(world);
  await toTheEnd(world, 0);
  world.pass(2 * claimGraceMs);
  await begin(world, 0);
}

async function comeLate(world: World, { isAbandoned }: Late): Promise<void> {
  await store(world, 0);
  await foldAll(world);
  world.pass(Math.max(0, (world.records[0]?.untilMs ?? 0) - world.clock.nowMs - minuteMs));
  const before = world.entries.length;
  world.accept();
  if (isAbandoned) await writeDeadLetter(world, world.entries.slice(before), false);
  world.pass(isAbandoned ? 9 * dayMs : hourMs);
}
