// The world of one history of counting: accepted records, two lanes of receipts and runs, the stream and the time.

import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { additionOf } from '../../../domain/counting/additions.ts';
import type { RunLimits } from '../../../domain/counting/next-run.ts';
import type { Lanes } from '../../../domain/counting/port.ts';
import { isPlain, type LaneReceipt, placeOf } from '../../../domain/counting/receipt.ts';
import { covers, type Run } from '../../../domain/counting/runs.ts';
import { deltasOf, deltasToBytes } from '../../../domain/documents/delta.ts';
import { type Lane, laneKey } from '../../../domain/keys.ts';
import type { RecordId } from '../../../domain/record/record-id.ts';
import { guardMs } from '../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { TestClock } from '../../support/clock.ts';
import { event, nowMs } from '../../support/events.ts';
import { lane, lateLane } from '../../support/lanes.ts';
import { type Actor, Scheduler } from '../scheduler.ts';
import type { Mutant } from './mutant.ts';

/** `ages`: how many hours old its events are. */
export type RecordPlan = {
  readonly isLate: boolean;
  readonly ages: readonly number[];
  /** Consume quarantines it until it is mended. */
  readonly isBroken: boolean;
  /** Its delta counts as too large for a plain receipt. */
  readonly isLarge: boolean;
};

export type AcceptedRecord = {
  readonly plan: RecordPlan;
  /** As stored, if the record is counted. */
  readonly receipt: LaneReceipt;
  isAcknowledged: boolean;
  heldBy: number;
};

/** `versions`: the sum of the versions of its hours. It changes with each change of one of them. */
export type DayFold = { readonly day: number; readonly mark: number; readonly versions: number };

export const lanes: readonly Lane[] = [lane, lateLane];
/** Small, so that a few receipts make several runs and pages. */
export const limits: RunLimits = { receipts: 2, deltaBytes: 1_000_000 };
const pageSize = 2;
/** Long enough for all in the stream and in quarantine, short for a history. */
const retentionMs = dayMs;

export class World {
  readonly clock = new TestClock(nowMs);
  readonly scheduler = new Scheduler();
  readonly store = new MemoryLanes(pageSize);
  readonly mutant: Mutant;
  readonly records: AcceptedRecord[] = [];
  readonly violations: string[] = [];
  readonly dayFolds: DayFold[] = [];
  /** Also those whose receipts have expired. */
  readonly counted = new Set<RecordId>();
  readonly received = new Set<RecordId>();
  readonly #putAt = new Map<RecordId, number>();
  readonly #foldedRuns = new Map<string, Run[]>();
  readonly #plans: RecordPlan[];
  #actors: Actor[] = [];
  #actorsMade = 0;
  isMended = false;
  runsFolded = 0;

  constructor(plans: readonly RecordPlan[], mutant: Mutant) {
    this.#plans = [...plans];
    this.mutant = mutant;
  }

  log(line: string): void {
    this.scheduler.trace.push(line);
  }

  accept(): boolean {
    const plan = this.#plans.shift();
    if (!plan) return false;
    const receipt = receiptOf(plan, this.records.length, this.clock.nowMs);
    this.records.push({ plan, receipt, isAcknowledged: false, heldBy: 0 });
    this.log(`accepted ${receipt.record} ${JSON.stringify(plan)}`);
    return true;
  }

  /** A read that is not consistent may miss it. */
  isRecent({ record }: LaneReceipt): boolean {
    return this.scheduler.trace.length - (this.#putAt.get(record) ?? Number.NEGATIVE_INFINITY) < 10;
  }

  /** The store as the mutant changes it. */
  lanes(): Lanes {
    return lanesWith(this.store, this.mutant.atRest?.(this.store, this) ?? {});
  }

  /** The same for functions: a read that need not be consistent may be stale. */
  lanesOfFunctions(): Lanes {
    const store = this.lanes();
    return lanesWith(store, {
      putReceipts: async (receipts) => {
        const results = await store.putReceipts(receipts);
        receipts.forEach(({ record }, index) => {
          if (results[index] === 'put') this.#putAt.set(record, this.scheduler.trace.length);
        });
        return results;
      },
      markFolded: async (run, expiresAtMs) => {
        await store.markFolded(run, expiresAtMs);
        this.runsFolded += 1;
        const name = laneKey(run.lane);
        this.#foldedRuns.set(name, [...(this.#foldedRuns.get(name) ?? []), { ...run, state: 'folded' }]);
      },
      lastFoldedRun: async (ofLane) => {
        const runs = this.#foldedRuns.get(laneKey(ofLane)) ?? [];
        return runs.at(-1 - (this.scheduler.trace.length % 3)) ?? runs[0];
      },
    });
  }

  addActor(title: string, ended: (isKilled: boolean) => void = () => {}): Actor {
    this.#actorsMade += 1;
    const name = `${this.#actorsMade}:${title}`;
    const endsMs = this.clock.nowMs + 15 * 60_000;
    const actor: Actor = { name, endsMs, isAlive: true, isStalled: false, ended };
    this.#actors.push(actor);
    return actor;
  }

  pass(durationMs: number): void {
    this.clock.nowMs += durationMs;
    this.log(`${durationMs / 1000} s pass`);
    for (const actor of this.#actors)
      if (actor.isAlive && actor.endsMs <= this.clock.nowMs) this.scheduler.kill(actor, 'its timeout');
    this.#actors = this.#actors.filter(({ isAlive }) => isAlive);
  }

  /** The table deletes what has expired. */
  forget(): void {
    this.noteReceipts();
    const { stored, runs, lists, expiring } = this.store;
    const now = this.clock.nowMs;
    for (const [name, { expiresAtMs }] of stored) if (expiresAtMs < now) stored.delete(name);
    for (const [name, { expiresAtMs }] of lists) if (expiresAtMs < now) lists.delete(name);
    for (const [name, expiresAtMs] of expiring) if (expiresAtMs < now) runs.delete(name);
    this.log('the table forgets');
  }

  noteReceipts(): void {
    for (const { state, record } of this.store.stored.values()) {
      this.received.add(record);
      if (state === 'counted') this.counted.add(record);
    }
  }

  receiptOf({ receipt }: AcceptedRecord): LaneReceipt | undefined {
    return [...this.store.stored.values()].find(({ record }) => record === receipt.record);
  }

  isCounted(record: AcceptedRecord): boolean {
    return this.counted.has(record.receipt.record) || this.receiptOf(record)?.state === 'counted';
  }

  recordsOf(ofLane: Lane): AcceptedRecord[] {
    return this.records.filter(({ receipt }) => laneKey(receipt.lane) === laneKey(ofLane));
  }

  runOf({ receipt }: AcceptedRecord): Run | undefined {
    return [...this.store.runs.values()].find(
      (run) => laneKey(run.lane) === laneKey(receipt.lane) && covers(run, placeOf(receipt)),
    );
  }

  /** A reader must show it: counted directly, on the list of a sealed run, or past all runs. */
  isSettled(record: AcceptedRecord): boolean {
    const receipt = this.receiptOf(record);
    if (receipt?.state !== 'counted') return false;
    if (!isPlain(receipt)) return true;
    const run = this.runOf(record);
    const list = run && this.store.listOfRun(run);
    return !run || (list?.positions.includes(placeOf(receipt)) ?? false);
  }
}

function receiptOf(plan: RecordPlan, index: number, receivedAtMs: number): LaneReceipt {
  const events = plan.ages.map((age, at) =>
    event({ event_id: `e${index}-${at}`, timestamp: receivedAtMs - age * hourMs }),
  );
  const own = plan.isLate ? lateLane : lane;
  return {
    tenant: own.tenant,
    lane: own,
    // Not in the order of acceptance, because random bytes follow the time.
    record: `${(index * 7) % 10}${index}.0`,
    state: 'counted',
    mode: 'plain',
    delta: deltasToBytes(deltasOf(events)),
    accepted: events.length,
    stored: events.length,
    duplicates: 0,
    conflicts: 0,
    bytes: 100,
    receivedAtMs,
    storedAtMs: receivedAtMs,
    expiresAtMs: receivedAtMs + retentionMs + guardMs,
  };
}

export const eventsIn = ({ receipt }: AcceptedRecord, hour: number): number =>
  additionOf(receipt).deltas.get(hour)?.total.count ?? 0;

export const hoursOf = ({ plan, receipt }: AcceptedRecord): number[] =>
  plan.ages.map((age) => floorTo(receipt.receivedAtMs - age * hourMs, hourMs));

/** These lanes with some calls changed. */
export const lanesWith = (all: Lanes, changed: Partial<Lanes>): Lanes =>
  new Proxy(all, {
    get: (target, name: keyof Lanes) => changed[name] ?? target[name].bind(target),
  });
