// Pages: where events rest, several to an item, by time. Windows, parts and keys are computed from the record
// as it was received and by the layout that its envelope names (R5), so that any later try, by any later
// version of this code, writes the same keys.

import type { AcceptedEvent } from '../event/event.ts';
import { pageSortKey, slotKey, type Tenant } from '../keys.ts';
import type { PageLayout } from '../record/envelope.ts';
import type { RecordId } from '../record/record-id.ts';
import { floorTo, secondMs } from '../system/time.ts';

const widthsSeconds = [1, 8, 60] as const;
const enoughEventsPerPage = 8;
/** Uncompressed; an item of DynamoDB holds 400 KB. */
const maxPageBytes = 256 * 1024;

export type PageKey = { readonly pk: string; readonly sk: string };

export type Page = PageKey & {
  readonly events: readonly AcceptedEvent[];
  readonly receivedAtMs: number;
  readonly region: string;
  readonly expiresAtMs: number;
};

/** A page of the plan: which events of the record (by index) share it. */
export type PlannedPage = { readonly sk: string; readonly indexes: readonly number[] };

export type PageSource = {
  readonly tenant: Tenant;
  readonly slot: number;
  readonly record: RecordId;
  readonly layout: PageLayout;
};

/** Where a page is, as an identity remembers it; it names the record too, so the record is not kept twice. */
export const pagePointer = (slot: number, sk: string): string => `${slot}#${sk}`;
export const recordOfPointer = (pointer: string): RecordId => (pointer.split('#')[3] ?? '') as RecordId;

export const pagePartition = (source: PageSource): string => slotKey(source.tenant, source.slot);

export function planPages(source: PageSource, events: readonly AcceptedEvent[]): PlannedPage[] {
  const width = chooseWidth(events);
  const windows = Map.groupBy(events.keys(), (index) =>
    floorTo(events[index]?.timestamp ?? 0, width * secondMs),
  );
  const planned: PlannedPage[] = [];
  for (const [windowStartMs, indexes] of windows) {
    cutByBytes(indexes, events).forEach((some, part) => {
      planned.push({ sk: pageSortKey(width, windowStartMs, source.record, part), indexes: some });
    });
  }
  return planned;
}

/** The smallest width whose windows hold at least eight events of this record on average. */
function chooseWidth(events: readonly AcceptedEvent[]): number {
  for (const width of widthsSeconds) {
    const windows = new Set(events.map((event) => floorTo(event.timestamp, width * secondMs)));
    if (events.length >= enoughEventsPerPage * windows.size) return width;
  }
  return widthsSeconds[widthsSeconds.length - 1] ?? 60;
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
