// One answer of a search. Pages are merged into the order that is asked for. Where a minute holds more than one answer can
// read, its events come page by page, in no order. So an answer never costs more than its budget, and every answer
// advances or ends.

import { SearchBudget } from '../../../domain/reading/search-budget.ts';
import type { SearchPlace } from '../../../domain/reading/search-cursor.ts';
import { isPast } from '../../../domain/reading/search-order.ts';
import { searchInOrder } from './search-in-order.ts';
import { searchMinute } from './search-minute.ts';
import type { SearchDeps, SearchOf, SearchRead } from './show-counted.ts';

export type SearchAnswer = SearchRead & {
  readonly isInOrder: boolean;
  readonly spent: Pick<SearchBudget, 'calls' | 'units'>;
};

export async function search(
  deps: SearchDeps,
  asked: SearchOf,
  { position, minute }: SearchPlace,
): Promise<SearchAnswer> {
  const spent = new SearchBudget();
  const { events, next } = minute
    ? await searchMinute(deps, asked, { position, minute }, spent)
    : await searchInOrder(deps, asked, position, spent);
  const isOver = !next || isPast(asked.order, asked.bounds, next.position);
  return { events, isInOrder: minute === undefined, spent, ...(!isOver && { next }) };
}
