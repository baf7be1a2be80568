// How long the oldest receipt that no run has folded has been waiting. It grows without end if a lane's runs fail.

import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import type { Lane, Position } from '../../domain/keys.ts';

const receiptsPerPage = 25;

/** Undefined if all is folded. */
export async function unfoldedAgeMs(
  lanes: Pick<Lanes, 'lastFoldedRun' | 'tail'>,
  lane: Lane,
  nowMs: number,
): Promise<number | undefined> {
  let after: Position | undefined = (await lanes.lastFoldedRun(lane))?.to ?? beginning;
  while (after !== undefined) {
    const page = await lanes.tail(lane, { after, limit: receiptsPerPage });
    const oldest = page.receipts.find(isPlain);
    if (oldest) return nowMs - oldest.storedAtMs;
    after = page.next;
  }
  return undefined;
}
