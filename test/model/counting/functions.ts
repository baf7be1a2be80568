// The functions of counting as actors: an invocation of consume, a fold, a reader, a replay from quarantine.

import type { Lanes } from '../../../domain/counting/port.ts';
import { isPlain, type LaneReceipt, placeOf } from '../../../domain/counting/receipt.ts';
import { type Lane, laneKey } from '../../../domain/keys.ts';
import { inChunks } from '../../../domain/system/bounded.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { Unavailable } from '../../../domain/system/unavailable.ts';
import { countReceipts } from '../../../lambdas/counting/count-receipts.ts';
import { foldRun } from '../../../lambdas/counting/fold-run.ts';
import { readLane } from '../../../lambdas/counting/read-lane.ts';
import { settleReceipts } from '../../../lambdas/counting/settle-receipts.ts';
import { silentLogger } from '../../support/meter.ts';
import type { Actor } from '../scheduler.ts';
import { type AcceptedRecord, lanesWith, limits, type RecordPlan, type World } from './world.ts';

const depsOf = (world: World, actor: Actor) => ({
  lanes: lanesOf(world, actor),
  limits,
  clock: world.clock,
  pauses: { contested: async () => {} },
  meter: { count: () => {} },
  logger: silentLogger,
});

function lanesOf(world: World, actor: Actor): Lanes {
  const { mutant, scheduler } = world;
  const atRest = world.lanesOfFunctions();
  const gated = new Proxy(atRest, {
    get:
      (target, name: keyof Lanes) =>
      (...args: readonly unknown[]) =>
        scheduler.call(actor, labelOf(name, args), () =>
          (target[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args),
        ),
  });
  const inHalves = lanesWith(gated, {
    putReceipts: async (receipts) => {
      const results: ('put' | 'exists')[] = [];
      for (const some of inChunks(receipts, Math.max(1, Math.ceil(receipts.length / 2))))
        results.push(...(await gated.putReceipts(some)));
      return results;
    },
  });
  return lanesWith(inHalves, mutant.inTransit?.(inHalves, world, actor) ?? {});
}

function labelOf(name: string, [first, second]: readonly unknown[]): string {
  if (Array.isArray(first)) return `${name} ${first.map((each) => each.record ?? each.hourMs).join(' ')}`;
  const { start, to, changes, key } = first as Partial<Record<string, unknown>>;
  if (changes) return `commit ${(changes as { to: LaneReceipt }[]).map(({ to }) => to.record).join(' ')}`;
  if (key) return `${name} ${JSON.stringify(key)}`;
  return `${name} ${start ?? ''}..${to ?? ''} ${second ? JSON.stringify(second) : ''}`;
}

/** An invocation of the consumer. It keeps its records if a dependency is unavailable. */
export async function consume(
  world: World,
  records: readonly AcceptedRecord[],
  folds: boolean,
): Promise<void> {
  if (records.length === 0) return;
  for (const record of records) record.heldBy += 1;
  const actor = world.addActor(`consume ${records.map(({ receipt }) => receipt.record).join(' ')}`, () => {
    for (const record of records) record.heldBy -= 1;
  });
  await world.scheduler.start(actor, () =>
    guarded(world, actor, async () => {
      const deps = depsOf(world, actor);
      const found = await deps.lanes.receipts(records.map(({ receipt }) => receipt));
      if (!world.mutant.leavesReadReceipts) await settleReceipts(deps, found.filter(isPlain));
      const byRecord = new Map(found.map((receipt) => [receipt.record, receipt]));
      const changes = records.flatMap(({ plan, receipt }) => {
        const from = byRecord.get(receipt.record);
        if (from && from.state !== 'quarantined') return [];
        const to = toPut(world, plan, receipt);
        return [from ? { from, to } : { to }];
      });
      const { met } = await countReceipts(deps, changes);
      // Quarantined in the meantime: it is counted from there.
      const again = met.flatMap((from) => {
        const to = changes.find((change) => change.to.record === from.record)?.to;
        return to?.state === 'counted' && from.state === 'quarantined' ? [{ from, to }] : [];
      });
      await countReceipts(deps, again);
      acknowledge(world, records);
      const low = records.map(({ receipt }) => placeOf(receipt)).toSorted()[0];
      const [first] = records;
      if (folds && first) await foldRun(deps, first.receipt.lane, low);
    }),
  );
}

function toPut(world: World, { isBroken, isLarge }: RecordPlan, receipt: LaneReceipt): LaneReceipt {
  const now = { storedAtMs: world.clock.nowMs };
  const { delta: _, ...rest } = receipt;
  if (isBroken && !world.isMended)
    return { ...rest, ...now, state: 'quarantined', reason: 'failed', mode: 'direct', stored: 0 };
  return { ...receipt, ...now, mode: isLarge ? 'direct' : 'plain' };
}

function acknowledge(world: World, records: readonly AcceptedRecord[]): void {
  for (const record of records) record.isAcknowledged = true;
  for (const record of records)
    if (!world.receiptOf(record) && !world.received.has(record.receipt.record))
      world.violations.push(`${record.receipt.record} is acknowledged without a receipt`);
}

export async function fold(world: World, lane: Lane): Promise<void> {
  const actor = world.addActor(`fold ${laneKey(lane)}`);
  await world.scheduler.start(actor, () => guarded(world, actor, () => foldRun(depsOf(world, actor), lane)));
}

/** A reader never shows more than is counted at its end, or less than was settled at its start. */
export async function read(world: World, lane: Lane): Promise<void> {
  const actor = world.addActor(`read ${laneKey(lane)}`);
  const records = world.recordsOf(lane);
  const settled = records.filter((record) => world.isSettled(record));
  const plain = new Set(settled.filter((record) => world.receiptOf(record)?.mode === 'plain'));
  await world.scheduler.start(actor, () =>
    guarded(world, actor, async () => {
      const readWith = world.mutant.read ?? readLane;
      const bounds = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
      const { hours, intakes } = await readWith(depsOf(world, actor), lane, bounds);
      const counted = world.recordsOf(lane).filter((record) => world.isCounted(record));
      // A receipt that was passed by in between is counted directly, and may be seen neither before nor after.
      const atLeast = settled.filter(
        (record) => !(plain.has(record) && world.receiptOf(record)?.mode === 'direct'),
      );
      const sums = [sumOf(hours, ({ total }) => total.count), sumOf(intakes, ({ stored }) => stored)];
      for (const shown of sums) {
        if (shown < eventsOf(atLeast)) world.violations.push(`${actor.name} shows ${shown}, too little`);
        if (shown > eventsOf(counted)) world.violations.push(`${actor.name} shows ${shown}, too much`);
      }
    }),
  );
}

const sumOf = <T>(of: ReadonlyMap<number, T>, count: (each: T) => number): number =>
  [...of.values()].reduce((sum, each) => sum + count(each), 0);
const eventsOf = (records: readonly AcceptedRecord[]): number =>
  records.reduce((sum, { receipt }) => sum + receipt.accepted, 0);

/** All hours of a closed day and its mark, read at one instant. */
export async function foldDay(world: World, day: number): Promise<void> {
  if (day + dayMs + hourMs > world.clock.nowMs) return;
  world.dayFolds.push({ day, ...(await stateOfDay(world, day)) });
}

export async function stateOfDay({ store, records }: World, day: number) {
  const lanes = new Map(records.map(({ receipt }) => [laneKey(receipt.lane), receipt.lane]));
  let versions = 0;
  for (const lane of lanes.values()) {
    const hours = await store.documentsBetween(lane, 'hour', day, day + dayMs);
    versions += hours.reduce((sum, { version }) => sum + version, 0);
  }
  return { mark: [...store.marks].find(([name]) => name.endsWith(`#${day}`))?.[1] ?? 0, versions };
}

export const dayOf = (world: World, daysAgo: number): number =>
  floorTo(world.clock.nowMs, dayMs) - daysAgo * dayMs;

async function guarded(world: World, actor: Actor, work: () => Promise<unknown>): Promise<string> {
  try {
    return String((await work()) ?? 'done');
  } catch (error) {
    if (!(error instanceof Unavailable))
      world.violations.push(`${actor.name} fails with ${error instanceof Error ? error.stack : error}`);
    throw error;
  }
}
