// What a report measures besides the objectives: throughput, what failed, and how long things took.

import { findRoute, type Route, routes } from '../api/routes.ts';
import {
  indicatorOf,
  type Measured as MeasuredOf,
  type MetricQuery,
  ofGateway,
  publishedMetrics,
} from './indicators.ts';
import { type MetricOf, metricNamespaceOf, type Publisher } from './metrics.ts';
import { type Objective, objectives } from './objectives.ts';
import type { Measurement } from './port.ts';

export const objectiveMeasurements = (
  measured: MeasuredOf,
  of: readonly Objective[] = objectives,
): readonly Measurement<'total' | 'bad'>[] =>
  of.map((objective) => {
    const { metrics, total, bad } = indicatorOf(objective, measured);
    return { metrics, expressions: { total, bad } };
  });

export type NamedMeasurement<Name extends string> = {
  readonly what: string;
  readonly measurement: Measurement<Name>;
};

export const throughputMeasurements = ({ stage }: MeasuredOf): readonly NamedMeasurement<'sum'>[] => [
  sum('events accepted', published(stage, 'ingest', 'acceptedEvents')),
  sum('events rejected, as they were not valid', published(stage, 'ingest', 'rejectedEvents')),
  sum('events stored', ofStoring(stage, 'storedEvents')),
  sum('duplicates, counted once', ofStoring(stage, 'duplicateEvents')),
];

/** Answers of 5xx by route, and what else went wrong on our side. */
export const failureMeasurements = ({ stage, api }: MeasuredOf): readonly NamedMeasurement<'sum'>[] => [
  ...routes.map((route: Route) =>
    sum(`${route.method} ${route.path} answered 5xx`, { m: ofGateway(api, '5XXError', route) }),
  ),
  sum('requests shed, because the store was behind', published(stage, 'ingest', 'shedRequests')),
  sum('events quarantined', ofStoring(stage, 'quarantinedEvents')),
];

const ingestRoute = declared('POST', '/v1/events');
const summaryRoute = declared('GET', '/v1/accounts/{account_id}/summary');
const searchRoute = declared('GET', '/v1/events');

export const latencyMeasurements = ({
  stage,
  api,
}: MeasuredOf): readonly NamedMeasurement<'p50' | 'p95' | 'p99'>[] => [
  percentiles('Sending events, until the answer', ofGateway(api, 'Latency', ingestRoute)),
  percentiles('Reading a summary', ofGateway(api, 'Latency', summaryRoute)),
  percentiles('Searching events', ofGateway(api, 'Latency', searchRoute)),
  percentiles('Freshness: from receipt until an event is visible', {
    namespace: metricNamespaceOf(stage),
    name: 'freshness',
    dimensions: { endpoint: 'consume' },
    statistic: 'p50',
  }),
];

const published = <Of extends Publisher>(stage: string, of: Of, name: MetricOf<Of>) =>
  publishedMetrics(stage, of, name);

/** Consume stores, and settle what it replays. */
const ofStoring = (
  stage: string,
  name: 'storedEvents' | 'duplicateEvents' | 'quarantinedEvents',
): Measurement['metrics'] => ({
  ...published(stage, 'consume', name),
  ...Object.fromEntries(
    Object.entries(published(stage, 'settle', name)).map(([id, query]) => [`${id}OfSettle`, query]),
  ),
});

const sum = (what: string, metrics: Measurement['metrics']): NamedMeasurement<'sum'> => ({
  what,
  measurement: {
    metrics,
    expressions: {
      sum: Object.keys(metrics)
        .map((id) => `FILL(${id}, 0)`)
        .join(' + '),
    },
  },
});

const percentiles = (what: string, query: MetricQuery): NamedMeasurement<'p50' | 'p95' | 'p99'> => ({
  what,
  measurement: {
    metrics: {
      low: { ...query, statistic: 'p50' },
      high: { ...query, statistic: 'p95' },
      highest: { ...query, statistic: 'p99' },
    },
    expressions: { p50: 'low', p95: 'high', p99: 'highest' },
  },
});

function declared(method: string, path: string): Route {
  const route = findRoute(method, path);
  if (route === undefined) throw new Error(`There is no route ${method} ${path} to report on.`);
  return route;
}
