// The stores of a history: the memory adapters, with what the model needs to know about them. Like DynamoDB, the tables
// remove expired items some time after they expire.

import { MemoryFailedRecords } from '../../adapters/quarantine/memory-failed-records.ts';
import { MemoryCounts } from '../../adapters/storing/memory-counts.ts';
import { MemoryIdentities } from '../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../adapters/storing/memory-pages.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import type {
  ClaimResult,
  CountCommit,
  CountResult,
  Counts,
  Identities,
  Pages,
} from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import type { Clock } from '../../domain/system/port.ts';
import { modelKey } from './records.ts';

export type Ports = {
  readonly identities: Identities;
  readonly pages: Pages;
  readonly counts: Counts;
  readonly quarantine: Quarantine;
  readonly failedRecords: FailedRecords;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
};

export class Stores implements Ports {
  readonly identities = new ForgetfulIdentities();
  readonly pages = new MemoryPages();
  readonly counts = new ForgetfulCounts();
  readonly quarantine = this.counts.quarantine;
  readonly failedRecords: MemoryFailedRecords;
  readonly platformKeys = {
    find: async (number: number) => (number === modelKey.number ? modelKey : undefined),
  };

  constructor(clock: Clock) {
    this.failedRecords = new MemoryFailedRecords(clock);
  }
}

class ForgetfulIdentities extends MemoryIdentities {
  readonly #expiresAtMs = new Map<string, number>();

  override async claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]> {
    const results = await super.claim(claims);
    claims.forEach(({ key, expiresAtMs }, index) => {
      if (results[index]?.outcome === 'claimed') this.#expiresAtMs.set(key, expiresAtMs);
    });
    return results;
  }

  forget(nowMs: number): number {
    const keys = [...this.held.keys()].filter((key) => (this.#expiresAtMs.get(key) ?? 0) < nowMs);
    for (const key of keys) this.held.delete(key);
    return keys.length;
  }
}

class ForgetfulCounts extends MemoryCounts {
  /** The latest version of each receipt, also of a forgotten one. */
  readonly written = new Map<RecordName, Receipt>();
  readonly forgotten = new Set<RecordName>();

  override async receipts(records: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]> {
    const receipts = await super.receipts(records);
    return receipts.filter(({ tenant, record }) => !this.forgotten.has(recordName(tenant, record)));
  }

  override async commit(commit: CountCommit): Promise<CountResult> {
    // A forgotten receipt is not there: the condition that there is none must hold.
    const changes = commit.changes.map((change) => {
      const name = recordName(change.to.tenant, change.to.record);
      const from = this.forgotten.has(name) && !change.from ? this.written.get(name) : change.from;
      return { ...change, ...(from && { from }) };
    });
    const result = await super.commit({ ...commit, changes });
    if (result.outcome === 'lost') return result;
    for (const { to } of changes) {
      const name = recordName(to.tenant, to.record);
      this.written.set(name, to);
      this.forgotten.delete(name);
    }
    return result;
  }

  forget(nowMs: number): number {
    const expired = [...this.written].filter(
      ([name, { expiresAtMs }]) => expiresAtMs < nowMs && !this.forgotten.has(name),
    );
    for (const [name, receipt] of expired) {
      this.forgotten.add(name);
      this.quarantine.apply({ from: receipt, to: receipt });
    }
    return expired.length;
  }
}
