// Counts rejections, and reads them again: hours of a tenant, and samples.

import type { Tenant } from '../keys.ts';
import type { RecordId } from '../record/record-id.ts';
import type { KeptEvents, RejectionName } from './kept-events.ts';
import type { RejectionHour, RejectionRecord, SeenSample } from './rejection-hour.ts';

export type Rejections = {
  /**
   * Counts each record once, whoever tries it how often. A record that is too old to be told is left out. Rejects with
   * Unavailable if a dependency is unavailable: some of the records may be counted.
   */
  count(tenant: Tenant, records: readonly RejectionRecord[], nowMs: number): Promise<void>;
  /** The hours that begin in [fromMs, toMs) and have rejections, the newest first. */
  hours(tenant: Tenant, range: RejectionRange, nowMs: number): Promise<ReadHours>;
  /** At most 100. What has none is left out. */
  samples(tenant: Tenant, names: readonly RejectionName[], nowMs: number): Promise<readonly SeenSample[]>;
  /** Requests whose rejected events are kept, the newest first: those before the record, if one is given. */
  kept(tenant: Tenant, page: KeptPage, nowMs: number): Promise<ReadKept>;
};

export type KeptRequest = Omit<KeptEvents, 'days'> & {
  readonly record: RecordId;
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly expiresAtMs: number;
  readonly keyId: string;
  readonly client: string;
};

export type KeptPlace = { readonly record: RecordId; readonly receivedAtMs: number };
export type KeptPage = { readonly before?: KeptPlace; readonly most: number };
/** They may be fewer than asked for. `next`: there may be more before this one. */
export type ReadKept = { readonly requests: readonly KeptRequest[]; readonly next?: KeptPlace | undefined };

export type RejectionRange = { readonly fromMs: number; readonly toMs: number };

/** `fromMs`: hours before were not read, because those after it hold as much as one answer reads. */
export type ReadHours = { readonly hours: readonly RejectionHour[]; readonly fromMs: number };
