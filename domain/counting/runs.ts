// A run: a range of positions of a lane whose plain receipts are folded into documents together. It is announced, then
// sealed by storing the list of its receipts, then folded. Runs follow each other without a gap, and a run is announced
// only when the last one is folded. So a receipt that is put late is on the list of the run that covers it, or no run
// will ever have it, and whoever put it counts it directly.

import { type Lane, type Position, receivedAtOfPosition } from '../keys.ts';
import { dayMs } from '../system/time.ts';
import { isPlain, placeOf, type Receipt } from './receipt.ts';

export type Run = {
  readonly lane: Lane;
  /** The end of the run before it. The run covers the positions past `start`, up to and with `to`. */
  readonly start: Position;
  readonly to: Position;
  readonly state: 'announced' | 'folded';
  /** The run before it, which may expire once this one is announced. Undefined for the first run of a lane. */
  readonly previous?: ExpiringRun;
  /** When it may expire, known once it is folded. */
  readonly expiresAtMs?: number;
  /** When its receipts could not be applied to documents for the first time. */
  readonly failingSinceMs?: number;
  /** Receipts of its list that are in no document, because they cannot be applied. */
  readonly leftOut: readonly Position[];
};

export type ExpiringRun = { readonly start: Position; readonly expiresAtMs: number };

/** Where the first run of a lane starts: before all positions. */
export const beginning: Position = '';

export const nextRun = (lane: Lane, last: Run | undefined, to: Position): Run => ({
  lane,
  start: last?.to ?? beginning,
  to,
  state: 'announced',
  ...(last?.expiresAtMs !== undefined && {
    previous: { start: last.start, expiresAtMs: last.expiresAtMs },
  }),
  leftOut: [],
});

export const covers = ({ start, to }: Pick<Run, 'start' | 'to'>, position: Position): boolean =>
  start < position && position <= to;

/** What is stored of a sealed run. Never changed, also by another try to seal. */
export type RunList = { readonly positions: readonly Position[]; readonly expiresAtMs: number };

/**
 * A record stays on the stream and in the queue of dead letters for days. Whoever tries it again must still find the run
 * that has passed it by.
 */
const minRunLifeMs = 45 * dayMs;
/** DynamoDB deletes expired items in any order, some days after they expire. */
const pastReceiptsMs = 7 * dayMs;

/**
 * Only plain receipts: the others are in the documents already. A run does not expire before the one before it, whose
 * receipts may live longer: runs have no gap.
 */
export function listOf(
  { to, previous }: Pick<Run, 'to' | 'previous'>,
  receipts: readonly Receipt[],
): RunList {
  const listed = receipts.filter(isPlain);
  const lastExpiryMs = Math.max(
    receivedAtOfPosition(to) + minRunLifeMs,
    ...listed.map(({ expiresAtMs }) => expiresAtMs),
  );
  const expiresAtMs = Math.max(lastExpiryMs + pastReceiptsMs, previous?.expiresAtMs ?? 0);
  return { positions: listed.map(placeOf), expiresAtMs };
}
