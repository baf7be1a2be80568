// What the stores hold of one account at the end of a history, beside what ingest accepted for it.

import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey, slotKey, type Tenant } from '../../domain/keys.ts';
import { recordOfPage } from './gated-ports.ts';
import { type AcceptedRecord, isMadeHere } from './records.ts';
import type { EventOutcome, World } from './world.ts';

export class AccountAtRest {
  readonly world: World;
  readonly tenant: Tenant;
  /** Without those whose header cannot be read: their account is unknown. */
  readonly records: readonly AcceptedRecord[];

  constructor(world: World, tenant: Tenant) {
    this.world = world;
    this.tenant = tenant;
    this.records = world.records.filter(
      (record) => record.tenant.account === tenant.account && record.plan.kind !== 'unreadable',
    );
  }

  get nowMs(): number {
    return this.world.clock.nowMs;
  }

  receiptOf(record: AcceptedRecord) {
    return this.world.receiptOf(record);
  }

  stateOf(record: AcceptedRecord) {
    return this.receiptOf(record)?.state;
  }

  claimOn(event: AcceptedEvent) {
    return this.world.stores.identities.held.get(identityKey(this.tenant, event.event_id));
  }

  /** `slot#sort key`, as an identity remembers it. */
  pageAt(pointer: string) {
    return this.world.stores.pages.written.get(slotKey(this.tenant, 0).replace(/0$/, pointer));
  }

  /** The ids of the events on its pages, each as often as it is there. */
  idsOnPages({ name }: AcceptedRecord): string[] {
    return [...this.world.stores.pages.written.values()]
      .filter((page) => recordOfPage(page) === name)
      .flatMap(({ events }) => events.map(({ event_id }) => event_id));
  }

  /** What the event was to the try that counted its record. */
  outcomeOf({ name }: AcceptedRecord, event: AcceptedEvent): EventOutcome | undefined {
    return this.world.counted.get(name)?.get(identityKey(this.tenant, event.event_id));
  }

  stored(record: AcceptedRecord): readonly AcceptedEvent[] {
    if (this.stateOf(record) !== 'counted') return [];
    return record.events.filter((event) => this.outcomeOf(record, event) === 'mine');
  }

  /** A discard shortens a claim. */
  claimUntilMs(owner: AcceptedRecord, event: AcceptedEvent): number {
    const { record, untilMs } = owner;
    const { event_id } = event;
    if (isMadeHere(event)) return Math.min(untilMs, this.receiptOf(owner)?.freedAtMs ?? untilMs);
    return Math.min(untilMs, this.world.claimUntilMs(identityKey(this.tenant, event_id), record, untilMs));
  }

  othersWith(record: AcceptedRecord, { event_id }: AcceptedEvent): AcceptedRecord[] {
    return this.records.filter(
      (other) => other !== record && other.events.some((event) => event.event_id === event_id),
    );
  }
}
