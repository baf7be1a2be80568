// Where a search finds pages: a list is all pages of one width in one slot, in the order of their windows.

import { pageWindowSortKey, slotKey, type Tenant } from '../keys.ts';
import { type PageRange, pageWidthsSeconds } from '../storing/pages.ts';
import { floorTo, secondMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

export type PageList = { readonly slot: number; readonly widthSeconds: number };

/** Lists of further slots come last. */
export const pageListsOf = (slots: number): PageList[] =>
  Array.from({ length: slots }, (_none, slot) =>
    pageWidthsSeconds.map((widthSeconds) => ({ slot, widthSeconds })),
  ).flat();

/** All pages of the list whose window has a part of the bounds. */
export function rangeOf(
  tenant: Tenant,
  { slot, widthSeconds }: PageList,
  { fromMs, toMs }: Bounds,
): PageRange {
  const window = (instantMs: number) =>
    pageWindowSortKey(widthSeconds, floorTo(Math.max(0, instantMs), widthSeconds * secondMs));
  return { pk: slotKey(tenant, slot), first: window(fromMs), last: `${window(toMs - 1)}~` };
}
