// Counts rejections, and reads them again: hours of a tenant, and samples.

import type { Tenant } from '../keys.ts';
import type { RejectionHour, RejectionRecord, SeenSample } from './rejection-hour.ts';
import type { RejectionName } from './request-rejections.ts';

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
};

export type RejectionRange = { readonly fromMs: number; readonly toMs: number };

/** `fromMs`: hours before were not read, because those after it hold as much as one answer reads. */
export type ReadHours = { readonly hours: readonly RejectionHour[]; readonly fromMs: number };
