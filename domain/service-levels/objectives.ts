// The service levels as data. Alarms, dashboards and reports derive from it, so that they cannot disagree.

export type Severity = 'page' | 'ticket';

export type Objective = {
  readonly name: string;
  readonly title: string;
  /** The percentage of good answers, records or events that is promised. */
  readonly targetPercent: number;
  /** The promise holds over each such time. */
  readonly windowHours: number;
  readonly indicator: ObjectiveIndicator;
  /** Why its burn rates have no alarms. Absent: they have. */
  readonly withoutPairs?: string;
};

export type ObjectiveIndicator =
  /** Of the gateway: answers that are no 5xx. */
  | { readonly kind: 'answers'; readonly of: 'ingest' | 'read' | 'all' }
  /** Of the gateway: requests that it answered within a time. */
  | { readonly kind: 'latency'; readonly of: 'ingest'; readonly withinMs: number }
  /** Counted one by one by the function that serves them: it alone knows what is good. */
  | {
      readonly kind: 'counted';
      readonly by: 'read';
      readonly total: 'summaryAnswers' | 'searchAnswers';
      readonly good: 'summaryAnswersInTime' | 'searchAnswersInTime';
    }
  | {
      readonly kind: 'counted';
      readonly by: 'consume';
      readonly total: 'measuredRecords';
      readonly good: 'freshRecords';
    }
  /** Of the ledger: accepted events of which it has an outcome. */
  | { readonly kind: 'ledger' };

/** What is in time, as functions count it. A summary that is kept needs no reading. */
export const inTimeMs = { keptSummary: 300, readSummary: 1000, search: 500, visible: 5000 } as const;

export const objectives: readonly Objective[] = [
  {
    name: 'ingest-availability',
    title: 'Ingest availability',
    targetPercent: 99.9,
    windowHours: 30 * 24,
    indicator: { kind: 'answers', of: 'ingest' },
  },
  {
    name: 'ingest-latency',
    title: 'Ingest latency',
    targetPercent: 99,
    windowHours: 7 * 24,
    indicator: { kind: 'latency', of: 'ingest', withinMs: 500 },
  },
  {
    name: 'read-availability',
    title: 'Read availability',
    targetPercent: 99.9,
    windowHours: 30 * 24,
    indicator: { kind: 'answers', of: 'read' },
  },
  {
    name: 'summary-latency',
    title: 'Summary latency',
    targetPercent: 99,
    windowHours: 7 * 24,
    indicator: { kind: 'counted', by: 'read', total: 'summaryAnswers', good: 'summaryAnswersInTime' },
  },
  {
    name: 'search-latency',
    title: 'Search latency',
    targetPercent: 99,
    windowHours: 7 * 24,
    indicator: { kind: 'counted', by: 'read', total: 'searchAnswers', good: 'searchAnswersInTime' },
  },
  {
    name: 'freshness',
    title: 'Freshness',
    targetPercent: 95,
    windowHours: 24,
    indicator: { kind: 'counted', by: 'consume', total: 'measuredRecords', good: 'freshRecords' },
  },
  {
    name: 'overall-error-rate',
    title: 'Overall error rate',
    targetPercent: 99.9,
    windowHours: 30 * 24,
    indicator: { kind: 'answers', of: 'all' },
    withoutPairs: 'each of its failures is one of ingest or of reading too, and would page twice',
  },
  {
    name: 'no-loss',
    title: 'No loss',
    targetPercent: 100,
    windowHours: 30 * 24,
    indicator: { kind: 'ledger' },
    withoutPairs: 'it has no budget to burn: the first lost event pages',
  },
];

/** The alarm rings when the budget burns faster than `rate` in both windows: the long one proves it, the short one is recent. */
export type BurnRatePair = {
  /** Ends the name of the alarm. */
  readonly name: string;
  readonly rate: number;
  readonly longMinutes: number;
  readonly shortMinutes: number;
  readonly severity: Severity;
  /** So many of the last so many short windows must burn. Absent: the last one. */
  readonly lasting?: { readonly windows: number; readonly of: number };
};

const burnRatePairs: readonly BurnRatePair[] = [
  { name: '60m', rate: 14.4, longMinutes: 60, shortMinutes: 5, severity: 'page' },
  { name: '6h', rate: 6, longMinutes: 6 * 60, shortMinutes: 30, severity: 'page' },
  { name: '3d', rate: 1, longMinutes: 3 * 24 * 60, shortMinutes: 6 * 60, severity: 'ticket' },
  {
    name: 'warning',
    rate: 2,
    // At 2x two of a thousand fail: an hour of some stages has too few to tell that from chance, and a ticket a minute came.
    longMinutes: 3 * 60,
    shortMinutes: 15,
    severity: 'ticket',
    lasting: { windows: 1, of: 4 },
  },
];

/**
 * So many bad answers or records it takes in a window until its alarm rings, whatever their share: one slow request of a
 * quiet night wakes nobody.
 */
export const floorOfBad = { short: 3, long: 10 } as const;

/** Those that fit into its window: a longer one would judge by what the promise has forgotten. */
export const pairsOf = ({ windowHours, withoutPairs }: Objective): readonly BurnRatePair[] =>
  withoutPairs === undefined
    ? burnRatePairs.filter(({ longMinutes }) => longMinutes <= windowHours * 60)
    : [];

/** The share that may be bad, as a fraction. 0 if nothing may. */
export function errorBudget({ targetPercent }: Pick<Objective, 'targetPercent'>): number {
  // All digits of a share such as 0.0009999999999999432 would be noise in the console.
  return Number(((100 - targetPercent) / 100).toPrecision(6));
}
