// What the stores hold of one account at the end of a history, beside what ingest accepted for it.

import { KnownLogs } from '../../adapters/storing/known-logs.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey, slotKey, type Tenant } from '../../domain/keys.ts';
import type { RecordName } from '../../domain/record/record-id.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import type { Identity } from '../../domain/storing/identity.ts';
import type { Page } from '../../domain/storing/pages.ts';
import { identitiesOf, linkLimits } from './claim-logs.ts';
import { recordOfPage } from './gated-ports.ts';
import { type AcceptedRecord, isMadeHere } from './records.ts';
import type { EventOutcome, World } from './world.ts';

export class AccountAtRest {
  readonly world: World;
  readonly tenant: Tenant;
  /** Without those whose header cannot be read: their account is unknown. */
  readonly records: readonly AcceptedRecord[];
  #pages: ReadonlyMap<RecordName, readonly Page[]> | undefined;
  readonly #found = new Map<string, Identity | undefined>();

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

  /** Once a log is full, ids of its window are claimed singly. The later claim is in force. */
  claimOn({ event_id }: AcceptedEvent): Identity | undefined {
    const { identities, claimLogs } = this.world.stores;
    const key = identityKey(this.tenant, event_id);
    const singly = identities.held.get(key);
    const place = placeInLog(key);
    if (!place) return singly;
    const known = claimLogs.known(place.log);
    const inLog = known.holderOf(place.id);
    const isFull = known.nextPosition >= linkLimits.links;
    return isFull && singly && singly.untilMs > (inLog?.untilMs ?? 0) ? singly : inLog;
  }

  /** As the port finds it. */
  foundOn({ event_id }: AcceptedEvent): Identity | undefined {
    return this.#found.get(identityKey(this.tenant, event_id));
  }

  async lookUp(): Promise<void> {
    const identities = identitiesOf(this.world, this.world.ports, new KnownLogs());
    for (const { event_id } of this.records.flatMap(({ events }) => events)) {
      const key = identityKey(this.tenant, event_id);
      if (!this.#found.has(key)) this.#found.set(key, await identities.find(key));
    }
  }

  /** `slot#sort key`, as an identity remembers it. */
  pageAt(pointer: string) {
    return this.world.stores.pages.written.get(slotKey(this.tenant, 0).replace(/0$/, pointer));
  }

  /** The ids of the events on its pages, each as often as it is there. */
  idsOnPages({ name }: AcceptedRecord): readonly string[] {
    this.#pages ??= Map.groupBy(this.world.stores.pages.written.values(), recordOfPage);
    const pages = this.#pages.get(name) ?? [];
    return pages.flatMap(({ events }) => events.map(({ event_id }) => event_id));
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
