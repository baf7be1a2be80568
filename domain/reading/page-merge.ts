// Merges lists of pages into the order of a search. A list is read window by window, and its windows overlap with those of
// others. So an event is ready once no page that is unread can hold one that comes before it.

import type { AcceptedEvent } from '../event/event.ts';
import type { Tenant } from '../keys.ts';
import type { RecordPlace } from '../record/record-id.ts';
import { type Page, type PageRange, placeOfPage, windowOf } from '../storing/pages.ts';
import type { PageSlice } from '../storing/port.ts';
import { floorTo, secondMs } from '../system/time.ts';
import { type PageList, pageListsOf, rangeOf } from './page-lists.ts';
import { nothingRead, type ReadSoFar } from './search-budget.ts';
import { isMatch, type SearchFilter } from './search-filter.ts';
import {
  compareIn,
  isAfter,
  nextInstant,
  rankOf,
  type SearchOrder,
  type SearchPosition,
} from './search-order.ts';
import type { Bounds } from './summary.ts';

export type Search = { readonly order: SearchOrder; readonly bounds: Bounds; readonly filter: SearchFilter };

/** An event that is asked for. Whether it is counted, the receipt of its record says. */
export type Found = {
  readonly event: AcceptedEvent;
  readonly record: RecordPlace;
  readonly receivedAtMs: number;
};

/** Everything but `range` changes as the list is read. */
export type ListHead = {
  readonly range: PageRange;
  readonly widthMs: number;
  after?: string;
  /** No event that is unread has a lower rank. Infinite if all is read. */
  unreadRank: number;
  read: ReadSoFar;
  /** Where the window of the last page begins. */
  windowMs?: number;
  /** In the slice under way. */
  found: number;
};

export class PageMerge {
  readonly #tenant: Tenant;
  readonly #search: Search;
  readonly #position: SearchPosition;
  readonly #heads: readonly ListHead[];
  #found: Found[] = [];

  constructor(tenant: Tenant, slots: number, search: Search, position: SearchPosition) {
    this.#tenant = tenant;
    this.#search = search;
    this.#position = position;
    const bounds = boundsAfter(search, position);
    this.#heads =
      bounds.fromMs < bounds.toMs
        ? pageListsOf(slots).map((list) => headOf(tenant, list, search.order, bounds))
        : [];
  }

  get unreadRank(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#heads.map(({ unreadRank }) => unreadRank));
  }

  /** Those that hold back the others: one, or several of which nothing was read yet. */
  toRead(most: number): ListHead[] {
    const open = this.#heads
      .filter(({ unreadRank }) => unreadRank !== Number.POSITIVE_INFINITY)
      .toSorted((one, other) => one.unreadRank - other.unreadRank);
    const [first, ...others] = open;
    if (!first) return [];
    const isNew = ({ read }: ListHead) => read.asked === 0;
    return isNew(first) ? [first, ...others.filter(isNew)].slice(0, most) : [first];
  }

  takePage(head: ListHead, page: Page): void {
    const found = foundOn(this.#tenant, page, this.#search, this.#position);
    for (const each of found) this.#found.push(each);
    head.found += found.length;
    head.windowMs = windowOf(page).startMs;
  }

  /** After the pages of a slice. */
  endSlice(head: ListHead, asked: number, { pages, next, units }: PageSlice): void {
    head.read = {
      asked,
      pages: head.read.pages + pages,
      units: head.read.units + units,
      found: head.read.found + head.found,
    };
    head.found = 0;
    if (next === undefined || head.windowMs === undefined) head.unreadRank = Number.POSITIVE_INFINITY;
    else {
      head.after = next;
      head.unreadRank = firstRankOf(this.#search.order, head.windowMs, head.widthMs);
    }
  }

  countReady(): number {
    const { unreadRank } = this;
    return this.#found.filter((found) => this.#isReady(found, unreadRank)).length;
  }

  /** In order. */
  ready(): Found[] {
    const { order } = this.#search;
    const { unreadRank } = this;
    return this.#found
      .filter((found) => this.#isReady(found, unreadRank))
      .sort((one, other) => compareIn(order, one.event, other.event));
  }

  #isReady({ event }: Found, unreadRank: number): boolean {
    return rankOf(this.#search.order, event.timestamp) < unreadRank;
  }
}

export function foundOn(
  tenant: Tenant,
  page: Page,
  { order, bounds, filter }: Search,
  position: SearchPosition,
): Found[] {
  const isWanted = (event: AcceptedEvent) =>
    event.timestamp >= bounds.fromMs &&
    event.timestamp < bounds.toMs &&
    isAfter(order, event, position) &&
    isMatch(event, filter);
  const events = page.events.filter(isWanted);
  if (events.length === 0) return [];
  const record = placeOfPage(tenant, page);
  return events.map((event) => ({ event, record, receivedAtMs: page.receivedAtMs }));
}

function boundsAfter({ order, bounds }: Search, position: SearchPosition): Bounds {
  const next = nextInstant(order, position);
  return order === 'asc'
    ? { fromMs: Math.max(bounds.fromMs, next), toMs: bounds.toMs }
    : { fromMs: bounds.fromMs, toMs: Math.min(bounds.toMs, next + 1) };
}

function headOf(tenant: Tenant, list: PageList, order: SearchOrder, bounds: Bounds): ListHead {
  const widthMs = list.widthSeconds * secondMs;
  const firstMs = order === 'asc' ? bounds.fromMs : bounds.toMs - 1;
  return {
    range: rangeOf(tenant, list, bounds),
    widthMs,
    unreadRank: firstRankOf(order, floorTo(firstMs, widthMs), widthMs),
    read: nothingRead,
    found: 0,
  };
}

/** Of the events of a window, and of those that come after it. */
const firstRankOf = (order: SearchOrder, startMs: number, widthMs: number): number =>
  order === 'asc' ? startMs : rankOf(order, startMs + widthMs - 1);
