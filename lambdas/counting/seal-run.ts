// Seals an announced run: lists its plain receipts and stores the list. What was read to choose the end of the run is not
// the list, because receipts are put until it is announced. Of several lists, the first one stored is the list.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { listOf, type Run, type RunList } from '../../domain/counting/runs.ts';
import type { Lane, Position } from '../../domain/keys.ts';

export type SealDeps = { readonly lanes: Pick<Lanes, 'tail' | 'listOf' | 'seal'> };

export type SealedRun = {
  readonly list: RunList;
  /** The receipts of the list, where this call has read them. */
  readonly receipts: readonly Receipt[];
};

const emptyList: RunList = { positions: [], expiresAtMs: 0 };

export async function sealRun({ lanes }: SealDeps, run: Run): Promise<SealedRun> {
  const found = await lanes.listOf(run);
  if (found) return { list: found, receipts: [] };
  // Its list has expired, after all receipts on it.
  if (run.state === 'folded') return { list: emptyList, receipts: [] };
  const receipts = (await readRange(lanes, run.lane, run)).filter(isPlain);
  await lanes.seal(run, listOf(run, receipts));
  const list = await lanes.listOf(run);
  if (!list) throw new Error(`The list of the run past ${run.start} is not stored.`);
  return { list, receipts: onList(list, receipts) };
}

/** The receipts of a sealed run. */
export async function receiptsOfRun({ lanes }: SealDeps, run: Run): Promise<SealedRun> {
  const sealed = await sealRun({ lanes }, run);
  if (sealed.receipts.length === sealed.list.positions.length) return sealed;
  return { list: sealed.list, receipts: onList(sealed.list, await readRange(lanes, run.lane, run)) };
}

function onList({ positions }: RunList, receipts: readonly Receipt[]): Receipt[] {
  const listed = new Set(positions);
  return receipts.filter((receipt) => listed.has(placeOf(receipt)));
}

async function readRange(
  lanes: Pick<Lanes, 'tail'>,
  lane: Lane,
  { start, to }: { readonly start: Position; readonly to: Position },
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let after: Position | undefined = start;
  while (after !== undefined) {
    const page = await lanes.tail(lane, { after, to });
    receipts.push(...page.receipts);
    after = page.next;
  }
  return receipts;
}
