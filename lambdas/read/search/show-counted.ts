// Of what a search has found, shows what is counted: events of records that are in flight or in quarantine are left out.

import type { Lanes } from '../../../domain/counting/port.ts';
import type { Tenant } from '../../../domain/keys.ts';
import type { Found, Search } from '../../../domain/reading/page-merge.ts';
import type { SearchBudget } from '../../../domain/reading/search-budget.ts';
import type { SearchPlace } from '../../../domain/reading/search-cursor.ts';
import { shownEvent } from '../../../domain/reading/shown-event.ts';
import type { RecordId } from '../../../domain/record/record-id.ts';
import type { Pages } from '../../../domain/storing/port.ts';

export type SearchDeps = {
  readonly pages: Pick<Pages, 'slice'>;
  readonly lanes: Pick<Lanes, 'counted'>;
};

export type SearchOf = Search & { readonly tenant: Tenant; readonly slots: number; readonly limit: number };

/** Without `next` there is no more. */
export type SearchRead = { readonly events: readonly Found[]; readonly next?: SearchPlace };

/** Lambda answers 6 MB at most, of which the body is a text within JSON: its quotes and backslashes count twice. */
const mostBytesShown = 5_000_000;
const bytesAsShown = ({ event, receivedAtMs }: Found): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(shownEvent(event, receivedAtMs))));

export type Shown = {
  readonly events: readonly Found[];
  /** How many of what was found are shown or left out. */
  readonly decided: number;
};

/** In the order in which they were found, up to the limit or the end of the budget. */
export async function showCounted(
  { lanes }: SearchDeps,
  { limit }: SearchOf,
  found: readonly Found[],
  budget: SearchBudget,
): Promise<Shown> {
  const counted = new Map<RecordId, boolean>();
  const events: Found[] = [];
  let decided = 0;
  let bytes = 0;
  for (const [index, each] of found.entries()) {
    if (events.length === limit) break;
    const { record } = each.record;
    if (!counted.has(record)) {
      const wanted = found.slice(index, index + limit - events.length);
      const unknown = new Map(wanted.map(({ record: place }) => [place.record, place]));
      const toAsk = [...unknown.values()].filter((place) => !counted.has(place.record));
      const asked = toAsk.slice(0, budget.receiptsToAsk());
      if (asked.length === 0) break;
      const answer = await lanes.counted(asked);
      budget.spend(answer.units);
      for (const place of asked) counted.set(place.record, answer.counted.has(place.record));
    }
    if (counted.get(record)) {
      bytes += bytesAsShown(each);
      if (bytes > mostBytesShown && events.length > 0) break;
      events.push(each);
    }
    decided += 1;
  }
  return { events, decided };
}
