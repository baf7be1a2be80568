// The lanes of one actor: each call is one step of the scheduler. A call about many receipts is several steps, because the
// tables take a few items a call, and what they do not take is undecided.

import type { Lanes, PutResult } from '../../domain/counting/port.ts';
import type { ReceiptChange } from '../../domain/counting/receipt.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { mapCalls } from './lane-calls.ts';
import type { Actor, Scheduler } from './scheduler.ts';

/** How the labels of these calls begin. */
export const labelOfPut = 'putReceipts';

export function gatedLanes(scheduler: Scheduler, actor: Actor, lanes: Lanes): Lanes {
  const gated = mapCalls(lanes, (name, call) => (...args) => {
    const [first] = args;
    // Nothing is asked of the table.
    if (Array.isArray(first) && first.length === 0) return call(...args);
    return scheduler.call(actor, labelOf(name, args), () => call(...args));
  });
  return {
    ...gated,
    putReceipts: async (receipts) => {
      const results: PutResult[] = [];
      for (const some of halves(receipts))
        results.push(...(await orUndecided(some, 'undecided' as const, () => gated.putReceipts(some))));
      return results;
    },
  };
}

export function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].filter((half) => half.length > 0);
}

/** What the table did not take in any try is open, and the call goes on with the rest. */
export async function orUndecided<T, Result, Undecided>(
  items: readonly T[],
  undecided: Undecided,
  work: () => Promise<readonly Result[]>,
): Promise<readonly (Result | Undecided)[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return items.map(() => undecided);
  }
}

function labelOf(name: string, [first, second]: readonly unknown[]): string {
  if (Array.isArray(first)) return `${name} ${first.map((each) => each.record ?? each.hourMs).join(' ')}`;
  const { start, to, late, changes, key } = first as Partial<Record<string, unknown>>;
  if (changes) {
    const all = changes as readonly ReceiptChange[];
    return `commit ${all.map(({ to: { record, state } }) => `${record} ${state}`).join(', ')}`;
  }
  if (key) return `${name} ${(key as { readonly kind: string }).kind}`;
  if (late !== undefined) return `${name}${late ? ' late' : ''} ${second ? JSON.stringify(second) : ''}`;
  return `${name} ${start}..${to}`;
}
