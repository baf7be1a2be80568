// Pages hold the stored events, several to an item, by time. Windows, parts and keys follow from the record as it was
// received and from the layout in its envelope (R5), so that each retry, by any later version of this code, writes the
// same keys.

import type { AcceptedEvent } from '../event/event.ts';
import { pageSortKey, slotKey, type Tenant } from '../keys.ts';
import type { PageLayout } from '../record/envelope.ts';
import { isLate } from '../record/packing.ts';
import type { RecordId, RecordPlace } from '../record/record-id.ts';
import { floorTo, secondMs } from '../system/time.ts';

export const pageWidthsSeconds = [1, 8, 60] as const;
const widestSeconds = 60;
const minEventsPerWindow = 8;
/** Uncompressed, so that a page costs a search at most 9 read units. A larger page would be no cheaper to write. */
const maxPageBytes = 64 * 1024;

export type PageKey = { readonly pk: string; readonly sk: string };

export type Page = PageKey & {
  readonly events: readonly AcceptedEvent[];
  readonly receivedAtMs: number;
  readonly region: string;
  readonly expiresAtMs: number;
};

/** Of one partition, both sort keys included. */
export type PageRange = { readonly pk: string; readonly first: string; readonly last: string };

/** `indexes`: which events of the record are on the page. */
export type PlannedPage = { readonly sk: string; readonly indexes: readonly number[] };

export type PageSource = {
  readonly tenant: Tenant;
  readonly slot: number;
  readonly record: RecordId;
  readonly layout: PageLayout;
};

/** Names a page in an identity. It contains the record id, so that an identity stores it only once. */
export const pagePointer = (slot: number, sk: string): string => `${slot}#${sk}`;
export const recordOfPointer = (pointer: string): RecordId => (pointer.split('#')[3] ?? '') as RecordId;
export function placeOfPointer(pointer: string) {
  const [slot, width, startMs, , part] = pointer.split('#');
  return { slot: Number(slot), width: Number(width), startMs: Number(startMs), part: Number(part) };
}

/** Read from its sort key. */
export function windowOf({ sk }: Pick<PageKey, 'sk'>): {
  readonly startMs: number;
  readonly record: RecordId;
} {
  const [, startMs, record] = sk.split('#');
  return { startMs: Number(startMs), record: record as RecordId };
}

/** The record that a page is of, and where its receipt is. All events of a record are late, or none is. */
export function placeOfPage(tenant: Tenant, { pk, sk, events, receivedAtMs }: Page): RecordPlace {
  const [, , , slot] = pk.split('#');
  const late = isLate(events[0]?.timestamp ?? receivedAtMs, receivedAtMs);
  return { lane: { tenant, slot: Number(slot), late }, record: windowOf({ sk }).record, receivedAtMs };
}

/** The one page that a pointer names. */
export function pageOfPointer(tenant: Tenant, pointer: string): PageRange {
  const sk = pointer.slice(pointer.indexOf('#') + 1);
  return { pk: slotKey(tenant, placeOfPointer(pointer).slot), first: sk, last: sk };
}

/** Sorts after every number. */
const pastAllParts = '~';

/** All pages of a record in the window of an instant. */
export function pagesOfWindow(
  tenant: Tenant,
  {
    slot,
    record,
    timestamp,
  }: { readonly slot: number; readonly record: RecordId; readonly timestamp: number },
  widthSeconds: number,
): PageRange {
  const startMs = floorTo(timestamp, widthSeconds * secondMs);
  return {
    pk: slotKey(tenant, slot),
    first: pageSortKey(widthSeconds, startMs, record, 0),
    last: pageSortKey(widthSeconds, startMs, record, pastAllParts),
  };
}

export const pagePartition = (source: PageSource): string => slotKey(source.tenant, source.slot);

/** The width of a page in seconds, which is that of all pages of its record. */
export const widthOf = ({ sk }: PlannedPage): number => Number(sk.split('#')[0]);

/** `bytes`: of all events as JSON, if they are known. */
export function planPages(
  source: PageSource,
  events: readonly AcceptedEvent[],
  bytes = Number.POSITIVE_INFINITY,
): PlannedPage[] {
  const width = chooseWidth(events);
  const windows = Map.groupBy(events.keys(), (index) =>
    floorTo(events[index]?.timestamp ?? 0, width * secondMs),
  );
  const planned: PlannedPage[] = [];
  for (const [windowStartMs, indexes] of windows) {
    // To measure each event is what costs.
    const parts = bytes <= maxPageBytes ? [indexes] : cutByBytes(indexes, events);
    parts.forEach((some, part) => {
      planned.push({ sk: pageSortKey(width, windowStartMs, source.record, part), indexes: some });
    });
  }
  return planned;
}

/**
 * The smallest width at which a window holds at least eight events of this record on average, or at which it has no more
 * pages than at the largest. In wide windows a search has more to read before it knows the order.
 */
function chooseWidth(events: readonly AcceptedEvent[]): number {
  const windowsOf = (width: number) =>
    new Set(events.map(({ timestamp }) => floorTo(timestamp, width * secondMs))).size;
  const fewest = windowsOf(widestSeconds);
  const isEnough = (windows: number) => windows === fewest || events.length >= minEventsPerWindow * windows;
  return pageWidthsSeconds.find((width) => isEnough(windowsOf(width))) ?? widestSeconds;
}

function cutByBytes(indexes: readonly number[], events: readonly AcceptedEvent[]): number[][] {
  const pages: number[][] = [];
  let page: number[] = [];
  let bytes = 0;
  for (const index of indexes) {
    const size = Buffer.byteLength(JSON.stringify(events[index]));
    if (page.length > 0 && bytes + size > maxPageBytes) {
      pages.push(page);
      page = [];
      bytes = 0;
    }
    page.push(index);
    bytes += size;
  }
  pages.push(page);
  return pages;
}
