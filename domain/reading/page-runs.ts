// Where a search finds pages: a run is all pages of one width in one slot, in the order of their windows.

import { pageWindowSortKey, slotKey, type Tenant } from '../keys.ts';
import { type PageRange, pageWidthsSeconds } from '../storing/pages.ts';
import { floorTo, secondMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

export type PageRun = { readonly slot: number; readonly widthSeconds: number };

/** Runs of further slots come last. */
export const runsOf = (slots: number): PageRun[] =>
  Array.from({ length: slots }, (_none, slot) =>
    pageWidthsSeconds.map((widthSeconds) => ({ slot, widthSeconds })),
  ).flat();

/** All pages of the run whose window has a part of the bounds. */
export function rangeOf(
  tenant: Tenant,
  { slot, widthSeconds }: PageRun,
  { fromMs, toMs }: Bounds,
): PageRange {
  const window = (instantMs: number) =>
    pageWindowSortKey(widthSeconds, floorTo(Math.max(0, instantMs), widthSeconds * secondMs));
  return { pk: slotKey(tenant, slot), first: window(fromMs), last: `${window(toMs - 1)}~` };
}
