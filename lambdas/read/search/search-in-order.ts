// Reads the lists of pages that hold back the others, until enough events are ready or the budget is spent.

import { type ListHead, PageMerge } from '../../../domain/reading/page-merge.ts';
import { mostUnitsOf, type SearchBudget } from '../../../domain/reading/search-budget.ts';
import { laterOf, positionAt, rankOf, type SearchPosition } from '../../../domain/reading/search-order.ts';
import { mapBounded } from '../../../domain/system/bounded.ts';
import { type SearchDeps, type SearchOf, type SearchRead, showCounted } from './show-counted.ts';

const listsAtOnce = 4;

/** The minute that comes next, from its first page on. */
const firstPlace = { list: 0 } as const;

export async function searchInOrder(
  deps: SearchDeps,
  asked: SearchOf,
  position: SearchPosition,
  budget: SearchBudget,
): Promise<SearchRead> {
  const merge = new PageMerge(asked.tenant, asked.slots, asked, position);
  while (merge.countReady() < asked.limit && (await readOn(deps, asked, merge, budget)));
  const ready = merge.ready();
  const { events, decided } = await showCounted(deps, asked, ready, budget);
  if (decided < ready.length) {
    const last = ready[decided - 1];
    return { events, next: last ? { position: positionAt(last.event) } : { position, minute: firstPlace } };
  }
  if (merge.unreadRank === Number.POSITIVE_INFINITY) return { events };
  const next = laterOf(asked.order, position, { timestamp: rankOf(asked.order, merge.unreadRank - 1) });
  // Without an advance, what comes next is more than an answer can read.
  return { events, next: next === position ? { position, minute: firstPlace } : { position: next } };
}

/** False if there is nothing to read, or no budget for it. */
async function readOn(
  { pages }: SearchDeps,
  { order, limit: most }: SearchOf,
  merge: PageMerge,
  budget: SearchBudget,
): Promise<boolean> {
  const queries: { readonly head: ListHead; readonly limit: number }[] = [];
  const missing = most - merge.countReady();
  let units = 0;
  for (const head of merge.toRead(listsAtOnce)) {
    const limit = budget.pagesToAsk(head.read, missing, { calls: queries.length, units });
    if (limit === 0) break;
    units += mostUnitsOf(limit);
    queries.push({ head, limit });
  }
  await mapBounded(queries, listsAtOnce, async ({ head, limit }) => {
    const { range, after } = head;
    const how = { isBackwards: order === 'desc', limit, ...(after !== undefined && { after }) };
    const slice = await pages.slice(range, how, (page) => {
      merge.takePage(head, page);
      return budget.unpack(page.bytes);
    });
    budget.spend(slice.units);
    merge.endSlice(head, limit, slice);
  });
  return queries.length > 0;
}
