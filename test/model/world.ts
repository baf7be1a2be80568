// The world of one history: accepted records, the stream, the stores and the time.

import type { RunLimits } from '../../domain/counting/next-run.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { isPlain, placeOf } from '../../domain/counting/receipt.ts';
import { covers, type Run } from '../../domain/counting/runs.ts';
import { identityKey, type Lane, laneKey, lanesOf, letterPrefixes, type Tenant } from '../../domain/keys.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { nameOfPlace, type RecordName } from '../../domain/record/record-id.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import type { Classification } from '../../domain/storing/identity.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import { verdictsOf } from '../../domain/storing/verdicts.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { Tallies } from '../../lambdas/counting/tallies.ts';
import { TestClock } from '../support/clock.ts';
import { nowMs } from '../support/events.ts';
import { portsAtRest } from './actor-ports.ts';
import { nameOfPlaceInLog } from './claim-logs.ts';
import { ModelDays } from './days.ts';
import { Instances } from './instances.ts';
import type { Mutant } from './mutant.ts';
import { type AcceptedRecord, acceptRecord, describeRecord, type Kind, type RecordPlan } from './records.ts';
import { type Actor, Scheduler } from './scheduler.ts';
import { type Ports, Stores } from './stores.ts';

/** A position in the stream. Two may hold the same record: a put whose answer is lost is repeated (R1). */
export type Entry = {
  readonly sequenceNumber: string;
  readonly record: AcceptedRecord;
  /** The mapping has moved past it: the consumer did not report it as failed, or Lambda stopped retrying it. */
  isPassed: boolean;
  timesDied: number;
  heldBy: number;
};

export type EventOutcome = Classification;

/** Small, so that a few receipts make several runs. */
export const limits: RunLimits = { receipts: 2, deltaBytes: 1_000_000 };

/** A read that is not consistent may miss what was put by so few calls ago. */
const recentCalls = 10;

/** As in prod: the retention of the stream, and how old a record may be before it leaves. */
const streamKeepsMs = 72 * hourMs;
export const mostRecordAgeMs = 48 * hourMs;

export class World {
  readonly clock = new TestClock(nowMs);
  readonly scheduler = new Scheduler();
  readonly stores = new Stores(this.clock);
  /** The stores, as the mutant changes them. */
  readonly ports: Ports;
  readonly days: ModelDays;
  readonly instances = new Instances();
  /** One for all instances. */
  readonly tallies = new Tallies(limits);
  readonly records: AcceptedRecord[] = [];
  readonly entries: Entry[] = [];
  /** The names of all dead letters, also of removed ones. */
  readonly objects: string[] = [];
  /** The tables refuse these lanes, and serve others. By lane key. */
  readonly refused = new Set<string>();
  readonly violations: string[] = [];
  /** Their automatic replays are used up, and the operator was told. */
  readonly abandoned = new Set<RecordName>();
  /** For each counted record, the outcome of its events in the try that counted it, by identity key. */
  readonly counted = new Map<RecordName, ReadonlyMap<string, EventOutcome>>();
  readonly #putAt = new Map<RecordName, number>();
  readonly #releasedUntilMs = new Map<string, number>();
  readonly mutant: Mutant;
  readonly slots: number;
  readonly #plans: RecordPlan[];
  #actors: Actor[] = [];
  #actorsMade = 0;
  #isMended = false;

  constructor(plans: readonly RecordPlan[], mutant: Mutant) {
    this.#plans = [...plans];
    this.slots = 1 + Math.max(...plans.map(({ slot }) => slot));
    this.mutant = mutant;
    this.ports = portsAtRest(this);
    this.days = new ModelDays(this);
  }

  log(line: string): void {
    this.scheduler.trace.push(line);
  }

  /** Accepts the next planned record; false if there is none. */
  accept(): boolean {
    const plan = this.#plans.shift();
    if (!plan) return false;
    const before = this.records.filter((record) => record.plan.tenant === plan.tenant);
    const record = acceptRecord(plan, before, this.clock.nowMs);
    this.records.push(record);
    this.log(`accepted ${describeRecord(record)}`);
    this.#putOnStream(record);
    const copy = this.mutant.renamesCopies ? acceptRecord(plan, before, this.clock.nowMs, 'again') : record;
    if (plan.isDoubled) this.#putOnStream(copy);
    return true;
  }

  #putOnStream(record: AcceptedRecord): void {
    const sequenceNumber = String(this.entries.length + 1);
    this.entries.push({ sequenceNumber, record, isPassed: false, timesDied: 0, heldBy: 0 });
  }

  isOnStream({ record }: Entry): boolean {
    return this.clock.nowMs <= record.receivedAtMs + streamKeepsMs;
  }

  addActor(title: string, timeoutSeconds: number, ended: (isKilled: boolean) => void = () => {}): Actor {
    this.#actorsMade += 1;
    const endsMs = this.clock.nowMs + timeoutSeconds * 1000;
    const actor: Actor = {
      name: `${this.#actorsMade}:${title}`,
      endsMs,
      isAlive: true,
      isStalled: false,
      ended,
    };
    this.#actors.push(actor);
    return actor;
  }

  /** Kills the actors whose timeout passes. */
  pass(durationMs: number): void {
    this.clock.nowMs += durationMs;
    this.log(`${durationMs / minuteMs} min pass`);
    for (const actor of this.#actors)
      if (actor.isAlive && actor.endsMs <= this.clock.nowMs)
        this.scheduler.kill(actor, 'its timeout has passed');
    this.#actors = this.#actors.filter(({ isAlive }) => isAlive);
  }

  /** The tables remove what has expired, or only some links. */
  forget(isRemoved?: (link: Link) => boolean): void {
    const links = this.stores.claimLogs.forget(this.clock.nowMs, isRemoved ?? (() => true));
    const identities = isRemoved ? 0 : this.stores.identities.forget(this.clock.nowMs);
    const receipts = this.stores.lanes.forget(this.clock.nowMs);
    this.log(`the tables forget ${identities} identities, ${links} links and ${receipts} receipts`);
  }

  notePut(receipt: Receipt): void {
    this.#putAt.set(nameOfPlace(receipt), this.scheduler.trace.length);
    if (receipt.state === 'counted') this.noteCounted(receipt);
  }

  isRecent(receipt: Receipt): boolean {
    const putAt = this.#putAt.get(nameOfPlace(receipt)) ?? Number.NEGATIVE_INFINITY;
    return this.scheduler.trace.length - putAt < recentCalls;
  }

  /** What the receipt says became of each event. */
  noteCounted(receipt: Receipt): void {
    const name = nameOfPlace(receipt);
    const verdicts = verdictsOf(receipt);
    const events = this.records.find((record) => record.name === name)?.events ?? [];
    const byKey = events.map(({ event_id }, index): [string, EventOutcome] => [
      identityKey(receipt.lane.tenant, event_id),
      verdicts[index] ?? 'mine',
    ]);
    this.counted.set(name, new Map(byKey));
  }

  /** What settle has to settle: dead letters, of Lambda and of consume. */
  async lettersLeft(): Promise<string[]> {
    const lists = letterPrefixes.map((prefix) => Array.fromAsync(this.stores.failedRecords.list(prefix)));
    return (await Promise.all(lists)).flat().map(({ name }) => name);
  }

  refuse(lane: Lane): void {
    this.refused.add(laneKey(lane));
    this.log(`the tables refuse ${laneKey(lane)}`);
  }

  serve(): void {
    if (this.refused.size === 0) return;
    this.refused.clear();
    this.log('the tables serve all lanes');
  }

  mend(): void {
    this.#isMended = true;
    this.log('our code is mended');
  }

  isBroken(name: RecordName, kind: Kind): boolean {
    return (
      !this.#isMended && this.records.some((record) => record.name === name && record.plan.kind === kind)
    );
  }

  /** `name`: the key of an id that is claimed singly, or its place in a log. */
  noteRelease(name: string, record: RecordId, untilMs: number): void {
    const claim = `${name} ${record}`;
    this.#releasedUntilMs.set(claim, Math.min(untilMs, this.#releasedUntilMs.get(claim) ?? untilMs));
  }

  /** Until when the claim is valid: as long as it was made for, or shorter after a discard. */
  claimUntilMs(key: string, record: RecordId, madeForMs: number): number {
    const place = placeInLog(key);
    const names = place ? [key, nameOfPlaceInLog(place)] : [key];
    const released = names.map((name) => this.#releasedUntilMs.get(`${name} ${record}`) ?? madeForMs);
    return Math.min(...released);
  }

  receiptOf({ name }: AcceptedRecord) {
    return this.stores.lanes.written.get(name);
  }

  lanesOf(tenant: Tenant): Lane[] {
    return lanesOf(tenant, this.slots);
  }

  recordsOf(lane: Lane): AcceptedRecord[] {
    return this.records.filter((record) => laneKey(record.lane) === laneKey(lane));
  }

  recordsOfTenant({ account }: Tenant): AcceptedRecord[] {
    return this.records.filter(({ tenant }) => tenant.account === account);
  }

  receiptsIn(lane: Lane): Receipt[] {
    return [...this.stores.lanes.stored.values()].filter((each) => laneKey(each.lane) === laneKey(lane));
  }

  runsOf(lane: Lane): Run[] {
    const own = [...this.stores.lanes.runs.values()].filter((run) => laneKey(run.lane) === laneKey(lane));
    return own.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  }

  /** A reader must show it: counted directly, on the list of a sealed run, or past all runs. */
  isSettled(record: AcceptedRecord): boolean {
    const receipt = this.receiptOf(record);
    if (receipt?.state !== 'counted') return false;
    if (!isPlain(receipt)) return true;
    const run = this.runsOf(record.lane).find((each) => covers(each, placeOf(receipt)));
    const list = run && this.stores.lanes.listOfRun(run);
    return !run || (list?.positions.includes(placeOf(receipt)) ?? false);
  }
}
