// Notices: what authorize and ingest saw that someone should hear of, and that no change wrote to the audit log. At most
// one a minute of each kind and key, or one a period of each share of a quota, however many instances there are.

import { tenantKey } from '../keys.ts';
import type { PeriodName, QuotaMode, ToldShare } from '../limits/quota.ts';
import { dayMs } from '../system/time.ts';
import type { LastUse } from './api-keys.ts';

export type Notice =
  | {
      readonly what: 'key.used_after_revocation';
      readonly minuteMs: number;
      readonly account: string;
      readonly key: string;
      /** As of a last use. */
      readonly client: LastUse['client'];
    }
  | {
      readonly what: 'requests.unauthorized';
      readonly minuteMs: number;
      /** How many one instance had refused when it noticed. */
      readonly count: number;
    }
  | QuotaReached;

export type QuotaReached = {
  readonly what: 'quota.reached';
  /** When it was noticed. */
  readonly minuteMs: number;
  readonly account: string;
  readonly environment: string;
  readonly generation: number;
  readonly period: PeriodName;
  readonly startMs: number;
  readonly endMs: number;
  readonly share: ToldShare;
  readonly quota: number;
  readonly used: number;
  readonly mode: QuotaMode;
};

/** So many requests that one instance of authorize refuses with 401 in a minute are noticed. */
export const unauthorizedPerMinute = 100;

/** What it is about. Of the same subject, one is written for each `onceFromMs`. */
export function subjectOf(notice: Notice): string {
  switch (notice.what) {
    case 'key.used_after_revocation':
      return notice.key;
    case 'requests.unauthorized':
      return notice.what;
    case 'quota.reached':
      return `${tenantKey(notice)}#${notice.period}#${notice.share}#${notice.quota}`;
  }
}

export const onceFromMs = (notice: Notice): number =>
  notice.what === 'quota.reached' ? notice.startMs : notice.minuteMs;

/** It is announced within moments, and must not be written again in its minute or period. */
export const keptUntilMs = (notice: Notice): number =>
  (notice.what === 'quota.reached' ? notice.endMs : notice.minuteMs) + dayMs;
