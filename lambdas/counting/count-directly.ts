// Counts receipts directly: one transaction writes them in mode direct and changes the documents. For records that come
// from quarantine or go there, for large deltas, and for plain receipts that their run has passed by.

import {
  type Addition,
  additionOf,
  countInto,
  documentsTouched,
  marksOf,
} from '../../domain/counting/additions.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import type { Receipt, ReceiptChange } from '../../domain/counting/receipt.ts';
import { laneKey } from '../../domain/keys.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, floorTo } from '../../domain/system/time.ts';
import { PartitionUnavailable } from '../../domain/system/unavailable.ts';

const maxTries = 10;
/** A transaction takes 100 actions and 4 MB. A document is at most 64 KB. */
const maxActions = 100;
const maxDocuments = 48;

export type CountDirectlyDeps = {
  readonly lanes: Pick<Lanes, 'documents' | 'commit'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly pauses: { readonly contested: Pause };
};

/** Returns the changes that this call has committed. The others met a receipt that is no longer as it was read. */
export async function countDirectly(
  deps: CountDirectlyDeps,
  changes: readonly ReceiptChange[],
): Promise<ReceiptChange[]> {
  const committed: ReceiptChange[] = [];
  for (const together of cut(changes.map(toCount))) committed.push(...(await commitTogether(deps, together)));
  return committed;
}

type ToCount = { readonly change: ReceiptChange; readonly addition: Addition };

function toCount(change: ReceiptChange): ToCount {
  const { from, to } = change;
  return { change, addition: additionOf(to, from?.state === 'quarantined' ? from : undefined) };
}

async function commitTogether(
  { lanes, clock, pauses }: CountDirectlyDeps,
  together: readonly ToCount[],
): Promise<ReceiptChange[]> {
  let open = together;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (open.length === 0) return [];
    if (attempt > 0) await pauses.contested(attempt - 1);
    const additions = open.map(({ addition }) => addition);
    const documents = countInto(additions, await lanes.documents([...documentsTouched(additions).values()]));
    const result = await lanes.commit({
      changes: open.map(({ change }) => ({ ...change, to: inModeDirect(change.to) })),
      documents,
      marks: marksOf(documents, additions, clock.now()),
    });
    if (result.outcome === 'committed') return open.map(({ change }) => change);
    const taken = new Set(result.taken);
    open = open.filter(({ change }) => !taken.has(change.to.record));
  }
  throw new PartitionUnavailable(
    `Others changed the documents of a lane during each of ${maxTries} tries to count.`,
  );
}

/** Nobody reads the delta of a receipt that is in the documents. */
function inModeDirect({ delta: _, ...receipt }: Receipt): Receipt {
  return { ...receipt, mode: 'direct' };
}

/** Groups of one lane that fit into one transaction. */
function cut(all: readonly ToCount[]): ToCount[][] {
  const groups: ToCount[][] = [];
  for (const ofLane of Map.groupBy(all, ({ change }) => laneKey(change.to.lane)).values()) {
    let group: ToCount[] = [];
    for (const each of ofLane) {
      if (group.length > 0 && !fits([...group, each])) {
        groups.push(group);
        group = [];
      }
      group.push(each);
    }
    groups.push(group);
  }
  return groups;
}

function fits(group: readonly ToCount[]): boolean {
  const additions = group.map(({ addition }) => addition);
  const documents = documentsTouched(additions);
  // Any day may be closed, and need a mark, by the time of the commit.
  const days = new Set(
    additions.flatMap(({ deltas }) => [...deltas.keys()].map((hour) => floorTo(hour, dayMs))),
  );
  const receiptActions = group.reduce((sum, { change }) => sum + actionsOf(change), 0);
  return documents.size <= maxDocuments && documents.size + days.size + receiptActions <= maxActions;
}

/** Its receipt, its quarantine entry (added or removed) and its job. */
const actionsOf = ({ from, entry, job }: ReceiptChange): number =>
  1 + (from?.state === 'quarantined' || entry ? 1 : 0) + (job ? 1 : 0);
