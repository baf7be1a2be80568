// Receipts and documents in memory, with the conditions that the transaction has.

import { type DocumentKey, documentName, type VersionedDocument } from '../../domain/documents.ts';
import { receiptKey, type Tenant, tenantKey } from '../../domain/keys.ts';
import type { Aggregates, CountCommit, CountResult, Counts, Receipts } from '../../domain/ports.ts';
import { type Receipt, type RecordId, recordId, splitRecordId } from '../../domain/receipt.ts';

const nameOf = (tenant: Tenant, record: RecordId): string => {
  const { batchId, part } = splitRecordId(record);
  return `${receiptKey(tenant, batchId)}#${part}`;
};

export class MemoryCounts implements Counts, Aggregates, Receipts {
  readonly #receipts = new Map<string, Receipt>();
  readonly #documents = new Map<string, VersionedDocument>();

  async receipts(records: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]> {
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

  async commit({ receipts, documents }: CountCommit): Promise<CountResult> {
    const counted = receipts.filter(({ tenant, record }) => this.#receipts.has(nameOf(tenant, record)));
    const moved = documents.some(
      ({ key, version }) => (this.#documents.get(documentName(key))?.version ?? 0) !== version,
    );
    if (counted.length > 0 || moved) {
      return { outcome: 'lost', alreadyCounted: counted.map(({ record }) => record) };
    }
    for (const receipt of receipts) this.#receipts.set(nameOf(receipt.tenant, receipt.record), receipt);
    for (const document of documents) {
      this.#documents.set(documentName(document.key), { ...document, version: document.version + 1 });
    }
    return { outcome: 'committed' };
  }
}
