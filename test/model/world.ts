// One history's world: what ingest accepted, the stream, what is at rest, and time.

import type { RecordId } from '../../domain/record/record-id.ts';
import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';
import { TestClock } from '../support/clock.ts';
import { nowMs } from '../support/events.ts';
import type { Mutant } from './mutant.ts';
import { type AcceptedRecord, acceptRecord, describeRecord, type Kind, type RecordPlan } from './records.ts';
import { type Actor, Scheduler } from './scheduler.ts';
import { Stores } from './stores.ts';

/** A place on the stream. Two of them may hold one record: a put whose answer was lost is made again (R1). */
export type Entry = {
  readonly sequenceNumber: string;
  readonly record: AcceptedRecord;
  /** The stream goes on past it: the consumer did not ask for it again, or Lambda gave it up. */
  isLetGo: boolean;
  timesDied: number;
  heldBy: number;
};

export type Fate = 'mine' | 'duplicate' | 'conflict';

/** As long as the stream keeps what it holds. */
const streamKeepsMs = 24 * hourMs;

export class World {
  readonly clock = new TestClock(nowMs);
  readonly scheduler = new Scheduler();
  readonly stores = new Stores(this.clock);
  readonly records: AcceptedRecord[] = [];
  readonly entries: Entry[] = [];
  /** Of what Lambda gave up, by name, whether or not they are still there. */
  readonly objects: string[] = [];
  readonly violations: string[] = [];
  /** What the try that counted a record took each of its events for, by the key of its id. */
  readonly counted = new Map<RecordName, ReadonlyMap<string, Fate>>();
  readonly #releasedUntilMs = new Map<string, number>();
  readonly mutant: Mutant;
  readonly #plans: RecordPlan[];
  #actors: Actor[] = [];
  #actorsMade = 0;
  #isMended = false;

  constructor(plans: readonly RecordPlan[], mutant: Mutant) {
    this.#plans = [...plans];
    this.mutant = mutant;
  }

  say(line: string): void {
    this.scheduler.trace.push(line);
  }

  /** What ingest has still to accept, the next of it; false where that is nothing. */
  accept(): boolean {
    const plan = this.#plans.shift();
    if (!plan) return false;
    const index = this.records.filter((record) => record.plan.tenant === plan.tenant).length;
    const record = acceptRecord(plan, index, this.clock.nowMs);
    this.records.push(record);
    this.say(`accepted ${describeRecord(record)}`);
    this.#putOnStream(record);
    const copy = this.mutant.renamesCopies ? acceptRecord(plan, index, this.clock.nowMs, 'again') : record;
    if (plan.isDoubled) this.#putOnStream(copy);
    return true;
  }

  #putOnStream(record: AcceptedRecord): void {
    const sequenceNumber = String(this.entries.length + 1);
    this.entries.push({ sequenceNumber, record, isLetGo: false, timesDied: 0, heldBy: 0 });
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

  /** Whose time is up does not live to see it. */
  pass(durationMs: number): void {
    this.clock.nowMs += durationMs;
    this.say(`${durationMs / minuteMs} min pass`);
    for (const actor of this.#actors)
      if (actor.isAlive && actor.endsMs <= this.clock.nowMs) this.scheduler.kill(actor, 'its time is up');
    this.#actors = this.#actors.filter(({ isAlive }) => isAlive);
  }

  /** What has expired, and may by now be gone. */
  forget(): void {
    const identities = this.stores.identities.forget(this.clock.nowMs);
    const receipts = this.stores.counts.forget(this.clock.nowMs);
    this.say(`the tables forget ${identities} identities and ${receipts} receipts`);
  }

  mend(): void {
    this.#isMended = true;
    this.say('our code is mended');
  }

  isBroken(name: RecordName, kind: Kind): boolean {
    return (
      !this.#isMended && this.records.some((record) => record.name === name && record.plan.kind === kind)
    );
  }

  noteRelease(key: string, record: RecordId, untilMs: number): void {
    this.#releasedUntilMs.set(`${key} ${record}`, Math.min(untilMs, this.claimUntilMs(key, record, untilMs)));
  }

  /** What a discard cut it to, or what it was made for. */
  claimUntilMs(key: string, record: RecordId, madeForMs: number): number {
    return this.#releasedUntilMs.get(`${key} ${record}`) ?? madeForMs;
  }

  receiptOf({ tenant, record }: AcceptedRecord) {
    return this.stores.counts.written.get(recordName(tenant, record));
  }
}
