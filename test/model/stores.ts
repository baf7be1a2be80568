// The stores of a history: the memory adapters, with what the model needs to know about them. Like DynamoDB, the tables
// remove expired items some time after they expire, and a read that need not be consistent may be stale.

import { MemoryLanes } from '../../adapters/counting/memory-lanes.ts';
import { MemoryFailedRecords } from '../../adapters/quarantine/memory-failed-records.ts';
import { MemoryIdentities } from '../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../adapters/storing/memory-pages.ts';
import type { LaneCommit, Lanes } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import type { Run } from '../../domain/counting/runs.ts';
import { type Lane, laneKey } from '../../domain/keys.ts';
import type { FailedRecords, Quarantine } from '../../domain/quarantine/port.ts';
import { nameOfPlace, type RecordName } from '../../domain/record/record-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import type { ClaimLogs, ClaimResult, Identities, Pages } from '../../domain/storing/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { ForgetfulClaimLogs } from './claim-logs.ts';
import { modelKey } from './records.ts';

export type Ports = {
  /** Of ids that are claimed singly. */
  readonly identities: Identities;
  readonly claimLogs: ClaimLogs;
  readonly pages: Pick<Pages, 'write' | 'remove'>;
  readonly lanes: Lanes;
  readonly quarantine: Quarantine;
  readonly failedRecords: FailedRecords;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
};

export class Stores {
  readonly identities = new ForgetfulIdentities();
  readonly claimLogs = new ForgetfulClaimLogs();
  readonly pages = new MemoryPages();
  readonly lanes = new ForgetfulLanes();
  readonly quarantine = this.lanes.quarantine;
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

/** Small, so that a few receipts make several pages. */
const pageSize = 2;

class ForgetfulLanes extends MemoryLanes {
  /** The latest version of each receipt, also of a forgotten one. */
  readonly written = new Map<RecordName, Receipt>();
  readonly #foldedRuns = new Map<string, Run[]>();
  runsFolded = 0;

  constructor() {
    super(pageSize);
  }

  override async putReceipts(receipts: readonly Receipt[]) {
    const results = await super.putReceipts(receipts);
    receipts.forEach((receipt, index) => {
      if (results[index] === 'put') this.written.set(nameOfPlace(receipt), receipt);
    });
    return results;
  }

  override async commit(commit: LaneCommit) {
    const result = await super.commit(commit);
    if (result.outcome === 'committed')
      for (const { to } of commit.changes) this.written.set(nameOfPlace(to), to);
    return result;
  }

  override async markFolded(run: Run, expiresAtMs: number): Promise<void> {
    await super.markFolded(run, expiresAtMs);
    this.runsFolded += 1;
    const name = laneKey(run.lane);
    this.#foldedRuns.set(name, [...(this.#foldedRuns.get(name) ?? []), { ...run, state: 'folded' }]);
  }

  /** As it was `staleBy` changes ago. */
  async staleFoldedRun(lane: Lane, staleBy: number): Promise<Run | undefined> {
    const runs = this.#foldedRuns.get(laneKey(lane)) ?? [];
    return runs.at(-1 - staleBy) ?? runs[0];
  }

  isForgotten(receipt: Receipt): boolean {
    return ![...this.stored.values()].some((each) => nameOfPlace(each) === nameOfPlace(receipt));
  }

  /** Returns how many receipts are gone. */
  forget(nowMs: number): number {
    const expired = [...this.stored].filter(([, { expiresAtMs }]) => expiresAtMs < nowMs);
    for (const [name, receipt] of expired) {
      this.stored.delete(name);
      this.quarantine.apply({ from: receipt, to: receipt });
    }
    for (const [name, { expiresAtMs }] of this.lists) if (expiresAtMs < nowMs) this.lists.delete(name);
    for (const [name, expiresAtMs] of this.expiring) if (expiresAtMs < nowMs) this.runs.delete(name);
    return expired.length;
  }
}
