// The service levels as data. Alarms, dashboards and reports derive from it, so that they cannot disagree.

export type Severity = 'page' | 'ticket';

export type Objective = {
  readonly name: string;
  readonly title: string;
  /** The percentage of good requests that is promised. */
  readonly targetPercent: number;
  readonly windowDays: number;
  readonly indicator:
    | { readonly kind: 'answers'; readonly of: 'ingest' | 'read' }
    | { readonly kind: 'latency'; readonly of: 'ingest'; readonly withinMs: number };
};

export const objectives = [
  {
    name: 'ingest-availability',
    title: 'Ingest availability',
    targetPercent: 99.9,
    windowDays: 30,
    indicator: { kind: 'answers', of: 'ingest' },
  },
  {
    name: 'ingest-latency',
    title: 'Ingest latency',
    targetPercent: 99,
    windowDays: 7,
    indicator: { kind: 'latency', of: 'ingest', withinMs: 500 },
  },
  {
    name: 'read-availability',
    title: 'Read availability',
    targetPercent: 99.9,
    windowDays: 30,
    indicator: { kind: 'answers', of: 'read' },
  },
] as const satisfies readonly Objective[];

/** The alarm rings when the budget burns faster than `rate` in both windows: the long one proves it, the short one is recent. */
export type BurnRatePair = {
  readonly rate: number;
  readonly longMinutes: number;
  readonly shortMinutes: number;
  readonly severity: Severity;
};

export const burnRatePairs: readonly BurnRatePair[] = [
  { rate: 14.4, longMinutes: 60, shortMinutes: 5, severity: 'page' },
];

/** The share of requests that may fail, as a fraction. */
export function errorBudget(objective: Objective): number {
  return (100 - objective.targetPercent) / 100;
}
