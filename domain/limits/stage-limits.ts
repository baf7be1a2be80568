// What of the limits of accounts is a matter of their stage.

import type { OffPeak } from './off-peak.ts';
import type { QuotaMode } from './quota.ts';

export type StageLimits = { readonly quotas: QuotaMode; readonly offPeak?: OffPeak };
