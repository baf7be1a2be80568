// Receipts, documents and folds in memory, with the conditions of the transaction.

import {
  type DayDocument,
  type DayKey,
  type DayState,
  hoursOfDay,
  isCurrent,
} from '../../domain/documents/day.ts';
import { type DocumentKey, documentName, type VersionedDocument } from '../../domain/documents/documents.ts';
import type { Aggregates, Days, MarkedHours } from '../../domain/documents/port.ts';
import { receiptKey, type Tenant, tenantKey } from '../../domain/keys.ts';
import { type RecordId, recordId, splitRecordId } from '../../domain/record/record-id.ts';
import type { CountCommit, CountResult, Counts, Receipts } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { MemoryQuarantine } from '../quarantine/memory-quarantine.ts';
import { RepeatedKey } from './memory-identities.ts';

const nameOf = (tenant: Tenant, record: RecordId): string => {
  const { seed, part } = splitRecordId(record);
  return `${receiptKey(tenant, seed)}#${part}`;
};

const isNoLess = (a: DayState, b: DayState): boolean =>
  a.mark > b.mark || (a.mark === b.mark && a.slots >= b.slots);
const dayName = ({ tenant, dayMs }: DayKey): string => `${tenantKey(tenant)}#${dayMs}`;

export class MemoryCounts implements Counts, Aggregates, Days, Receipts {
  readonly #receipts = new Map<string, Receipt>();
  readonly #documents = new Map<string, VersionedDocument>();
  readonly #days = new Map<string, DayDocument>();
  readonly quarantine = new MemoryQuarantine();
  /** The mark of each closed day, by tenant and day. */
  readonly marks = new Map<string, number>();

  async receipts(records: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]> {
    const names = records.map(({ tenant, record }) => nameOf(tenant, record));
    if (new Set(names).size !== names.length) throw new RepeatedKey('A call must not name a key twice.');
    return records.flatMap(({ tenant, record }) => this.#receipts.get(nameOf(tenant, record)) ?? []);
  }

  async ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]> {
    const records = Array.from({ length: parts }, (_, part) => ({ tenant, record: recordId(batchId, part) }));
    return this.receipts(records);
  }

  async documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]> {
    return keys.flatMap((key) => this.#documents.get(documentName(key)) ?? []);
  }

  async range(
    tenant: Tenant,
    slot: number,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<VersionedDocument[]> {
    return [...this.#documents.values()].filter(
      ({ key }) =>
        tenantKey(key.tenant) === tenantKey(tenant) &&
        key.slot === slot &&
        key.kind === kind &&
        key.hourMs >= fromMs &&
        key.hourMs < toMs,
    );
  }

  async current(
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<DayDocument[]> {
    return [...this.#days.values()].filter(
      (day) =>
        tenantKey(day.key.tenant) === tenantKey(tenant) &&
        day.key.dayMs >= fromMs &&
        day.key.dayMs < toMs &&
        isCurrent(day, { mark: this.#markOf(day.key), slots }, nowMs),
    );
  }

  async hours(day: DayKey, slots: number): Promise<MarkedHours> {
    return { mark: this.#markOf(day), hours: await this.documents(hoursOfDay(day, slots)) };
  }

  async store(day: DayDocument): Promise<void> {
    const found = this.#days.get(dayName(day.key));
    if (!found || isNoLess(day.state, found.state)) this.#days.set(dayName(day.key), day);
  }

  #markOf(day: DayKey): number {
    return this.marks.get(dayName(day)) ?? 0;
  }

  async commit({ changes, documents, marks }: CountCommit): Promise<CountResult> {
    const taken = changes.filter(({ from, to: { tenant, record } }) => {
      const found = this.#receipts.get(nameOf(tenant, record));
      return found?.state !== from?.state || found?.freedAtMs !== from?.freedAtMs;
    });
    const moved = documents.some(
      ({ key, version }) => (this.#documents.get(documentName(key))?.version ?? 0) !== version,
    );
    if (taken.length > 0 || moved) return { outcome: 'lost', taken: taken.map(({ to }) => to.record) };
    for (const change of changes) {
      this.#receipts.set(nameOf(change.to.tenant, change.to.record), change.to);
      this.quarantine.apply(change);
    }
    for (const document of documents) {
      this.#documents.set(documentName(document.key), { ...document, version: document.version + 1 });
    }
    for (const mark of marks) {
      const name = dayName(mark);
      this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
    }
    return { outcome: 'committed' };
  }
}
