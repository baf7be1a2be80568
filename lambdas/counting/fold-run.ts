// Folds the next run of a lane: announces it, seals it, puts each document that it touches once, and marks it as folded.
// Any step may be repeated, and a fold that ended at any call is finished by the next one.

import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type Addition,
  additionOf,
  documentsTouched,
  foldInto,
  isApplicable,
  marksOf,
} from '../../domain/counting/additions.ts';
import { addToTally, chooseTo, isFull, noTally, type RunLimits } from '../../domain/counting/next-run.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { beginning, nextRun, type Run } from '../../domain/counting/runs.ts';
import { documentName, emptyDocument, type VersionedDocument } from '../../domain/documents/documents.ts';
import { type Lane, laneKey, type Position } from '../../domain/keys.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { hourMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { receiptsOfRun } from './seal-run.ts';

const lanesAtOnce = 4;
const documentsAtOnce = 4;
const maxTries = 10;
/** A run fails for so long before the receipts at fault are left out. Code may be mended in between. */
const leaveOutAfterMs = hourMs;
/** If more are at fault, it is our code, and leaving them out would not be the end of it. The run waits until it is mended. */
const mostLeftOut = 8;

export type FoldDeps = {
  readonly lanes: Omit<Lanes, 'commit'>;
  readonly limits: RunLimits;
  readonly clock: Pick<Clock, 'now'>;
  readonly pauses: { readonly contested: Pause };
  readonly meter: Pick<Meter, 'count' | 'publish'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
};

/** `low` is the position of the oldest record of the lane that the caller is working on. */
export type LaneToFold = { readonly lane: Lane; readonly low?: Position };

/**
 * Folds one run of each lane. A lane that fails is logged and does not stop the others: its receipts are counted, only not
 * folded. Returns the lanes in which another run may be due.
 */
export async function foldRuns(deps: FoldDeps, toFold: readonly LaneToFold[]): Promise<Lane[]> {
  const ends = await mapBounded(toFold, lanesAtOnce, async ({ lane, low }) => {
    try {
      return await foldRun(deps, lane, low);
    } catch (error) {
      const fields = { ...errorFields(error), lane: laneKey(lane) };
      if (error instanceof Unavailable) deps.logger.warn('a run is not folded yet', fields);
      else deps.logger.error('a run cannot be folded', fields);
      return 'not due';
    }
  });
  return toFold.filter((_, index) => ends[index] === 'folded, full').map(({ lane }) => lane);
}

export type Folded = 'not due' | 'folded' | 'folded, full';

export async function foldRun(deps: FoldDeps, lane: Lane, low?: Position): Promise<Folded> {
  const last = await deps.lanes.lastRun(lane);
  const next =
    last?.state === 'announced' ? { run: last, isFull: false } : await announceNext(deps, lane, last, low);
  if (!next) return 'not due';
  const { run, isFull } = next;
  const { list, receipts } = await receiptsOfRun(deps, run);
  const { additions, documents } = await planOrLeaveOut(deps, run, receipts);
  await mapBounded(documents, documentsAtOnce, (document) => putDocument(deps, run, additions, document));
  if (run.previous) await deps.lanes.expire(lane, run.previous);
  await deps.lanes.markFolded(run, list.expiresAtMs);
  return isFull ? 'folded, full' : 'folded';
}

/** Undefined if no run is due, or another function has announced one in the meantime. */
async function announceNext(
  { lanes, limits, clock }: FoldDeps,
  lane: Lane,
  last: Run | undefined,
  low: Position | undefined,
): Promise<{ readonly run: Run; readonly isFull: boolean } | undefined> {
  const receipts: Receipt[] = [];
  let after: Position | undefined = last?.to ?? beginning;
  while (after !== undefined && !isFull(receipts.reduce(addToTally, noTally), limits, lane)) {
    const page = await lanes.tail(lane, { after, limit: limits.receipts });
    receipts.push(...page.receipts);
    after = page.next;
  }
  // If there are more receipts, the newest one is read by itself.
  const newest = after === undefined ? receipts.at(-1) : await lanes.newest(lane);
  const source = newest && { receipts, newest, ...(low !== undefined && { low }) };
  const end = source && chooseTo(source, limits, clock.now());
  if (!end) return undefined;
  const run = nextRun(lane, last, end.to);
  return (await lanes.announce(run)) ? { run, isFull: end.isFull } : undefined;
}

type Plan = {
  readonly additions: readonly Addition[];
  /** Each document that the run touches, as it was read and as it is to be put. */
  readonly documents: readonly (readonly [
    asRead: VersionedDocument,
    folded: VersionedDocument | undefined,
  ])[];
};

/** Decides before the first document is put, so that no document has a part of what is left out. */
async function planOrLeaveOut(deps: FoldDeps, run: Run, receipts: readonly Receipt[]): Promise<Plan> {
  const open = without(run.leftOut, receipts);
  try {
    return await plan(deps, run, open);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const nowMs = deps.clock.now();
    const atFault = open.filter((receipt) => !isApplicable(receipt));
    const sinceMs = await deps.lanes.noteFailure(run, nowMs);
    if (atFault.length === 0 || atFault.length > mostLeftOut || nowMs < sinceMs + leaveOutAfterMs)
      throw error;
    deps.meter.count(metricNames.leftOutRecords, atFault.length);
    // Published now: once they are left out, no later fold would tell of them.
    deps.meter.publish();
    deps.logger.error('receipts cannot be applied and are left out of the documents', {
      lane: laneKey(run.lane),
      records: atFault.map(({ record }) => record),
      error,
    });
    const leftOut = await deps.lanes.leaveOut(run, atFault.map(placeOf));
    return plan(deps, run, without(leftOut, open));
  }
}

function without(positions: readonly Position[], receipts: readonly Receipt[]): Receipt[] {
  const leftOut = new Set(positions);
  return receipts.filter((receipt) => !leftOut.has(placeOf(receipt)));
}

async function plan({ lanes }: FoldDeps, { to }: Run, receipts: readonly Receipt[]): Promise<Plan> {
  const additions = receipts.map((receipt) => additionOf(receipt));
  const touched = documentsTouched(additions);
  const found = await lanes.documents([...touched.values()]);
  const existing = new Map(found.map((document) => [documentName(document.key), document]));
  const documents = [...touched].map(([name, key]) => {
    const asRead = existing.get(name) ?? emptyDocument(key);
    return [asRead, foldInto(to, additions, asRead)] as const;
  });
  return { additions, documents };
}

async function putDocument(
  { lanes, clock, pauses }: FoldDeps,
  { to }: Run,
  additions: readonly Addition[],
  [asRead, planned]: Plan['documents'][number],
): Promise<void> {
  let folded = planned;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    // Another fold of this run has put it.
    if (!folded) return;
    const [mark] = marksOf([folded], additions, clock.now());
    if (await lanes.putDocument(folded, mark)) return;
    await pauses.contested(attempt);
    const [found] = await lanes.documents([asRead.key]);
    folded = foldInto(to, additions, found ?? emptyDocument(asRead.key));
  }
  throw new Unavailable(`Others changed a document during each of ${maxTries} tries to fold a run into it.`);
}
