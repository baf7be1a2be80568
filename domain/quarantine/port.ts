// The quarantine list of each account with the jobs that belong to it, and the bucket that holds the payloads.

import type { Tenant } from '../keys.ts';
import type { RecordPlace } from '../record/record-id.ts';
import type { Job, QuarantineEntry, SettleAnswer, SettleRequest } from './quarantine.ts';

export type Quarantine = {
  /** Records received in [fromMs, toMs), oldest first. */
  list(tenant: Tenant, fromMs: number, toMs: number): AsyncIterable<QuarantineEntry>;
  /** All entries, last received first. */
  newest(tenant: Tenant): AsyncIterable<QuarantineEntry>;
  find(place: RecordPlace): Promise<QuarantineEntry | undefined>;
  /** Counts one more attempt. False if already leased or no longer listed. */
  lease(entry: QuarantineEntry, nowMs: number, untilMs: number): Promise<boolean>;
  /** Ends a lease early. */
  release(entry: QuarantineEntry): Promise<void>;
  /** Jobs that are due at `nowMs`, each once, the longest due first. */
  jobs(nowMs: number): AsyncIterable<Job>;
  /** Adds a job that has not begun. Harmless if it is there. */
  schedule(job: Job): Promise<void>;
  /** Replaces the job by `next`; undefined removes it. False if another invocation has moved or removed it meanwhile. */
  reschedule(job: Job, next: Job | undefined): Promise<boolean>;
};

/** Asks the function settle. `under way`: its answer takes longer than the caller waits, and the work goes on. */
export type Settling = {
  settle(request: SettleRequest): Promise<SettleAnswer | { readonly outcome: 'crashed' | 'under way' }>;
};

/** The bucket of records that could not be stored, by object name. */
export type FailedRecords = {
  put(name: string, data: Uint8Array): Promise<void>;
  /** Undefined if there is no such object. */
  get(name: string): Promise<Uint8Array | undefined>;
  remove(name: string): Promise<void>;
  list(
    prefix: string,
  ): AsyncIterable<{ readonly name: string; readonly bytes: number; readonly storedAtMs: number }>;
};
