// What an account has received in some hours: its intake documents, and the receipts that no document has yet. In the order
// of any reader: the last folded run of a lane, then its documents, then its tail.

import { decodable } from '../../domain/counting/additions.ts';
import { type HourSink, LaneCounts } from '../../domain/counting/lane-counts.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import { addIntake, emptyIntake, type Intake } from '../../domain/documents/intake.ts';
import { type Lane, lanesOf, type Position, type Tenant } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';

type ReadLanes = Pick<Lanes, 'lastFoldedRun' | 'documentsBetween' | 'tail'>;
type Bounds = { readonly fromMs: number; readonly toMs: number };

const lanesAtOnce = 4;
const noHours: HourSink = { addDocument: () => {}, addDelta: () => {} };

/** By the hour in which records were received. */
export const intakesOf = (
  lanes: ReadLanes,
  tenants: readonly Tenant[],
  mostSlots: number,
  bounds: Bounds,
): Promise<ReadonlyMap<number, Intake>> =>
  intakesOfLanes(
    lanes,
    tenants.flatMap((tenant) => lanesOf(tenant, mostSlots)),
    bounds,
  );

export async function intakesOfLanes(
  lanes: ReadLanes,
  all: readonly Lane[],
  bounds: Bounds,
): Promise<ReadonlyMap<number, Intake>> {
  const sum = new Map<number, Intake>();
  for (const counted of await mapBounded(all, lanesAtOnce, (lane) => intakesOfLane(lanes, lane, bounds)))
    for (const [hour, intake] of counted) sum.set(hour, addIntake(sum.get(hour) ?? emptyIntake, intake));
  return sum;
}

async function intakesOfLane(
  lanes: ReadLanes,
  lane: Lane,
  bounds: Bounds,
): Promise<ReadonlyMap<number, Intake>> {
  const foldedTo = (await lanes.lastFoldedRun(lane))?.to ?? beginning;
  const counts = new LaneCounts({ bounds, foldedTo }, noHours);
  let nextMs: number | undefined = bounds.fromMs;
  while (nextMs !== undefined) {
    const page = await lanes.documentsBetween(lane, 'intake', nextMs, bounds.toMs);
    for (const document of page.documents) counts.addDocument(document);
    nextMs = page.nextMs;
  }
  let after: Position | undefined = foldedTo;
  while (after !== undefined) {
    const page = await lanes.tail(lane, { after });
    for (const addition of decodable(page.receipts.filter(isPlain))) counts.addReceipt(addition, new Map());
    after = page.next;
  }
  return counts.intakes;
}
