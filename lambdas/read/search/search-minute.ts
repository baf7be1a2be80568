// Reads a minute that holds more than one answer can read: list after list, and page after page, in no order of time. Each page
// is read once, so that this is the cheapest way to read much.

import { pageListsOf, rangeOf } from '../../../domain/reading/page-lists.ts';
import { type Found, foundOn } from '../../../domain/reading/page-merge.ts';
import { nothingRead, type SearchBudget } from '../../../domain/reading/search-budget.ts';
import type { MinutePlace } from '../../../domain/reading/search-cursor.ts';
import {
  compareIn,
  isAfter,
  nextInstant,
  positionAt,
  type SearchPosition,
} from '../../../domain/reading/search-order.ts';
import type { Page } from '../../../domain/storing/pages.ts';
import { floorTo, minuteMs } from '../../../domain/system/time.ts';
import { type SearchDeps, type SearchOf, type SearchRead, showCounted } from './show-counted.ts';

/** `position` is where the search was when it came to the minute: what is before it was answered in order. */
export type WithinMinute = { readonly position: SearchPosition; readonly minute: MinutePlace };

export async function searchMinute(
  deps: SearchDeps,
  asked: SearchOf,
  { position, minute }: WithinMinute,
  budget: SearchBudget,
): Promise<SearchRead> {
  const { order, bounds } = asked;
  const startMs = floorTo(nextInstant(order, position), minuteMs);
  const within = {
    fromMs: Math.max(bounds.fromMs, startMs),
    toMs: Math.min(bounds.toMs, startMs + minuteMs),
  };
  const { found, left } = await readPages(deps, { ...asked, bounds: within }, { position, minute }, budget);
  const { events, decided } = await showCounted(deps, asked, found, budget);
  if (decided < found.length) {
    const last = found[decided - 1];
    return { events, next: { position, minute: last ? last.place : minute } };
  }
  if (left) return { events, next: { position, minute: left } };
  return { events, next: { position: { timestamp: order === 'asc' ? within.toMs - 1 : within.fromMs } } };
}

async function readPages(
  { pages }: SearchDeps,
  asked: SearchOf,
  { position, minute }: WithinMinute,
  budget: SearchBudget,
) {
  const lists = pageListsOf(asked.slots);
  const found: (Found & { readonly place: MinutePlace })[] = [];
  let at = minute;
  let read = nothingRead;
  const on = (page: Page) => {
    const { after } = at.page === page.sk ? at : {};
    return foundOn(asked.tenant, page, asked, position)
      .filter(({ event }) => !after || isAfter('asc', event, after))
      .sort((one, other) => compareIn('asc', one.event, other.event))
      .map((each) => ({ ...each, place: { list: at.list, page: page.sk, after: positionAt(each.event) } }));
  };
  while (found.length < asked.limit) {
    const list = lists[at.list];
    if (!list) return { found };
    const limit = budget.pagesToAsk(read, asked.limit - found.length);
    if (limit === 0) break;
    const range = rangeOf(asked.tenant, list, asked.bounds);
    const { page, after } = at;
    // A page that was answered in part is read again.
    const from = page !== undefined && after ? { ...range, first: page } : range;
    const how = { isBackwards: false, limit, ...(page !== undefined && !after && { after: page }) };
    const before = found.length;
    const slice = await pages.slice(from, how, (next) => {
      found.push(...on(next));
      return budget.unpack(next.bytes);
    });
    budget.spend(slice.units);
    const isListRead = slice.next === undefined;
    read = isListRead
      ? nothingRead
      : {
          asked: limit,
          pages: read.pages + slice.pages,
          units: read.units + slice.units,
          found: read.found + found.length - before,
        };
    at = isListRead ? { list: at.list + 1 } : { list: at.list, page: slice.next };
  }
  return { found, left: at };
}
