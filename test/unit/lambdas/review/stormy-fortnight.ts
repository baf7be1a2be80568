// The facts of a fortnight in which much went wrong, after a month in which little did. From seeds, so that its report is the
// same each time.

import type { Incident } from '../../../../domain/service-levels/incidents.ts';
import { type Objective, objectives } from '../../../../domain/service-levels/objectives.ts';
import type { Hourly } from '../../../../domain/service-levels/port.ts';
import type { ReportFacts } from '../../../../domain/service-levels/report.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';

const toMs = Date.UTC(2026, 10, 30);
const fromMs = toMs - 14 * dayMs;
const at = (day: number, hour: number) => Date.UTC(2026, 10, day, hour);

/** More by day than by night, and less on weekends. */
function requestsIn(hour: number): number {
  const date = new Date(hour);
  const byDay = 1 + Math.sin(((date.getUTCHours() - 8) / 24) * 2 * Math.PI);
  const isWeekend = date.getUTCDay() % 6 === 0;
  return Math.round((isWeekend ? 2500 : 5000) * (0.3 + byDay));
}

/** The 19th: nothing but errors for 20 minutes. The 24th: the tables are away for an hour. The 26th: answers are slow for half a day. */
function badShareOf({ name }: Objective, hour: number): number {
  const usual = name.includes('latency') ? 0.002 : name === 'freshness' ? 0.01 : 0.0002;
  const isIngest = name === 'ingest-availability' || name === 'overall-error-rate';
  if (isIngest && hour === at(19, 14)) return 0.31;
  if (name === 'read-availability' && hour === at(24, 3)) return 0.12;
  if (name === 'overall-error-rate' && hour === at(24, 3)) return 0.03;
  if (name === 'freshness' && hour >= at(24, 3) && hour < at(24, 6)) return 0.9;
  if (name === 'ingest-latency' && hour >= at(26, 8) && hour < at(26, 20)) return 0.06;
  return name === 'no-loss' ? 0 : usual;
}

function hourly(measure: (hour: number) => number): Hourly {
  const values = new Map<number, number>();
  for (let hour = toMs - 30 * dayMs; hour < toMs; hour += hourMs) values.set(hour, measure(hour));
  return values;
}

/** Nobody searched. */
const isMeasured = ({ name }: Objective): boolean => name !== 'search-latency';
const none: Hourly = new Map();

const latency = (what: string, usualMs: number, slowMs: number) => {
  const isSlow = (hour: number) => hour >= at(26, 8) && hour < at(26, 20);
  const of = (factor: number) =>
    hourly((hour) => Math.round(factor * (isSlow(hour) ? slowMs : usualMs + ((hour / hourMs) % 5))));
  return { what, p50: of(1), p95: of(2.4), p99: of(5) };
};

const incidents: readonly Incident[] = [
  {
    id: '20261119T140500Z-ingest-availability-burn-60m',
    alarm: 'ingest-availability-burn-60m',
    severity: 'page',
    fromMs: at(19, 14) + 5 * 60_000,
    toMs: at(19, 15) + 2 * 60_000,
    notes: [
      {
        atMs: at(19, 18),
        by: 'operator ada',
        from: 'laptop',
        text: 'A deploy took the permission to put records from ingest. Rolled back after 20 minutes. <b>Mended</b> by ADR 70.',
      },
    ],
  },
  {
    id: '20261124T031000Z-stream-lag',
    alarm: 'stream-lag',
    severity: 'page',
    fromMs: at(24, 3) + 10 * 60_000,
    toMs: at(24, 6),
    notes: [
      {
        atMs: at(24, 9),
        by: 'operator bob',
        from: 'laptop',
        text: 'DynamoDB was away in the region for an hour. Nothing was lost; the backlog was stored by 06:00.',
      },
    ],
  },
  {
    id: '20261126T090000Z-ingest-latency-burn-60m',
    alarm: 'ingest-latency-burn-60m',
    severity: 'page',
    fromMs: at(26, 9),
    toMs: at(26, 20),
    notes: [],
  },
  {
    id: '20261129T220000Z-quarantine',
    alarm: 'quarantine',
    severity: 'ticket',
    fromMs: at(29, 22),
    notes: [],
  },
];

export const stormyFortnight: ReportFacts = {
  stage: 'prod',
  kind: 'on demand',
  range: { fromMs, toMs },
  madeAtMs: toMs + 5 * 60_000,
  objectives: objectives.map((objective: Objective) => ({
    objective,
    counted: isMeasured(objective)
      ? {
          total: hourly(requestsIn),
          bad: hourly((hour) => Math.round(requestsIn(hour) * badShareOf(objective, hour))),
        }
      : { total: none, bad: none },
  })),
  throughput: [
    { what: 'events accepted', hourly: hourly((hour) => 40 * requestsIn(hour)) },
    { what: 'events stored', hourly: hourly((hour) => 39 * requestsIn(hour)) },
    { what: 'duplicates, counted once', hourly: hourly(requestsIn) },
  ],
  failures: [
    { what: 'POST /v1/events answered 5xx', hourly: hourly((hour) => (hour === at(19, 14) ? 3472 : 1)) },
    { what: 'GET /v1/usage answered 5xx', hourly: none },
    { what: 'requests shed, because the store was behind', hourly: new Map([[at(24, 4), 420]]) },
  ],
  latencies: [
    latency('Sending events, until the answer', 14, 190),
    latency('Reading a summary', 22, 24),
    { what: 'Searching events', p50: none, p95: none, p99: none },
  ],
  incidents,
};
