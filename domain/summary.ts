// The summary of an account over a window of whole hours, folded from documents.

import { hourFromFields, mergeHours } from './documents/hour.ts';
import { addIntake, emptyIntake, intakeFromFields } from './documents/intake.ts';
import type { VersionedDocument } from './documents.ts';
import type { Tenant } from './keys.ts';
import { dayMs, floorTo, hourMs, iso } from './time.ts';

export const windows = { '1h': hourMs, '24h': dayMs, '7d': 7 * dayMs, '30d': 30 * dayMs } as const;
export type WindowName = keyof typeof windows;

export type Bounds = { readonly fromMs: number; readonly toMs: number };

/** Whole hours, ending with the hour that is under way. */
export function boundsOf(window: WindowName, nowMs: number): Bounds {
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  return { fromMs: toMs - windows[window], toMs };
}

export const isWindow = (value: string): value is WindowName => Object.hasOwn(windows, value);

export type Summary = {
  readonly account_id: string;
  readonly environment: string;
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly by_type: readonly { readonly type: string; readonly count: number }[];
  readonly by_service: readonly { readonly service: string; readonly count: number }[];
  /** Of what was received in the window, whatever hour its events are of. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly as_of: string;
};

export function summarise(
  tenant: Tenant,
  bounds: Bounds,
  hours: readonly VersionedDocument[],
  intakes: readonly VersionedDocument[],
  nowMs: number,
): Summary {
  const counts = mergeHours(hours.map((document) => hourFromFields(document.fields)));
  const intake = intakes.reduce(
    (sum, document) => addIntake(sum, intakeFromFields(document.fields)),
    emptyIntake,
  );
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    from: iso(bounds.fromMs),
    to: iso(bounds.toMs),
    total: counts.total,
    by_type: greatestFirst(counts.byType).map(([type, count]) => ({ type, count })),
    by_service: greatestFirst(counts.byService).map(([service, count]) => ({ service, count })),
    duplicates: intake.duplicates,
    conflicts: intake.conflicts,
    as_of: iso(nowMs),
  };
}

const greatestFirst = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
