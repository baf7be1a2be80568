// Which tiers are refused while the store is behind: a pure state machine over how old records are when consume handles them.
// A backlog is safe in the stream, so that a little of it refuses nobody. What is not known refuses nobody either, and nor
// does the trouble of one shard among several, or of one account on all of them.

import type { Tier } from '../accounts/tiers.ts';
import { hourMs, minuteMs } from '../system/time.ts';

/** What consume publishes of a shard. */
export type Lag = {
  /** The stream and its shard. */
  readonly shard: string;
  /** Since the newest record at hand arrived at the stream: every record before it has waited longer. */
  readonly ageMs: number;
  readonly atMs: number;
  /** Of most records at hand, if they are of one: the shard may be behind because of that account alone. */
  readonly account?: string;
};

/** 0 sheds nothing, 1 the tiers that are shed first, 2 all. */
export type SheddingLevel = 0 | 1 | 2;

export const sheddingRules = {
  /** Longer than a try of consume whose calls time out. Then the lag is unknown. */
  knownForMs: 2 * minuteMs,
  /** A shard without a word for longer has no traffic, or is closed. */
  seenForMs: 10 * minuteMs,
  /** Of each level above 0. Left far below where it is entered, so that nothing flaps. */
  levels: [
    { enterMs: 5 * minuteMs, leaveMs: minuteMs },
    { enterMs: hourMs, leaveMs: 15 * minuteMs },
  ],
} as const;

export function nextLevel(level: SheddingLevel, lags: readonly Lag[], nowMs: number): SheddingLevel {
  const { ageMs, isOfOne } = ageOfStore(lags, nowMs);
  if (ageMs === undefined) return 0;
  const reached = sheddingRules.levels.filter(
    ({ enterMs, leaveMs }, below) => ageMs >= (level > below ? leaveMs : enterMs),
  );
  // The limits of one account are for it, until all others have waited for an hour.
  return (isOfOne && reached.length < 2 ? 0 : reached.length) as SheddingLevel;
}

export const isShed = (level: SheddingLevel, { shed }: Pick<Tier, 'shed'>): boolean =>
  level >= (shed === 'first' ? 1 : 2);

/**
 * The median of the voices, the lower one of two: one alone of several says nothing. Undefined if less than half of the shards
 * tell. `isOfOne`: all that tell are of one account.
 */
function ageOfStore(
  lags: readonly Lag[],
  nowMs: number,
): { readonly ageMs?: number; readonly isOfOne: boolean } {
  const { knownForMs, seenForMs } = sheddingRules;
  const seen = lags.filter(({ atMs }) => nowMs - atMs < seenForMs);
  const known = seen.filter(({ atMs }) => nowMs - atMs < knownForMs);
  if (known.length * 2 < seen.length) return { isOfOne: false };
  const voices = [...Map.groupBy(known, voiceOf).values()];
  const ages = voices.map((of) => Math.min(...of.map(({ ageMs }) => ageMs)));
  const ageMs = ages.toSorted((one, other) => one - other)[Math.floor((ages.length - 1) / 2)];
  const isOfOne = voices.length === 1 && known[0]?.account !== undefined;
  return { isOfOne, ...(ageMs !== undefined && { ageMs }) };
}

/** Shards have one voice together if most of their records are of the same account. */
const voiceOf = ({ shard, account }: Lag): string => (account === undefined ? shard : `of ${account}`);
