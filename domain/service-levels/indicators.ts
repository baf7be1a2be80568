// What each objective measures, as CloudWatch metrics and the expressions over them: how many answers or records count, and
// how many of them are bad. Alarms, dashboards and reports all take it from here, so that they cannot disagree.

import { findRoute, type Route } from '../api/routes.ts';
import { dimensionsOf } from './dimensions.ts';
import { type MetricOf, metricNamespaceOf, type Publisher } from './metrics.ts';
import { errorBudget, type Objective } from './objectives.ts';

export type MetricQuery = {
  readonly namespace: string;
  readonly name: string;
  /** As CloudWatch names it: `Sum`, or `PR(:500)`. */
  readonly statistic: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

/** The dimensions by which API Gateway tells its stages apart. */
export type ApiIdentity = { readonly apiName: string; readonly stageName: string };

/** Of which stage, and of which API. */
export type Measured = { readonly stage: string; readonly api: ApiIdentity };

/** `total` and `bad` are expressions over the ids of `metrics`. Where there are no data, both are 0. */
export type Indicator = {
  readonly metrics: Readonly<Record<string, MetricQuery>>;
  readonly total: string;
  readonly bad: string;
};

const ingestRoute = declared('POST', '/v1/events');

export function indicatorOf({ indicator }: Pick<Objective, 'indicator'>, measured: Measured): Indicator {
  switch (indicator.kind) {
    case 'answers':
      return answersOf[indicator.of](measured);
    case 'latency':
      return ingestLatency(measured, indicator.withinMs);
    case 'counted':
      return indicator.by === 'read'
        ? counted(measured.stage, 'read', indicator.total, indicator.good)
        : counted(measured.stage, 'consume', indicator.total, indicator.good);
    case 'ledger':
      return ledger(measured);
  }
}

/**
 * How many times faster the budget is used up than the objective allows: at 1 it lasts exactly for the window. 0 as long as
 * fewer than `floor` are bad. An objective that allows nothing bad has no such rate.
 */
export const burnRate = (
  { bad, total }: Pick<Indicator, 'bad' | 'total'>,
  objective: Pick<Objective, 'targetPercent'>,
  floor: number,
): string => `IF((${bad}) >= ${floor}, (${bad}) / (${total}) / ${errorBudget(objective)}, 0)`;

/** Bad are answers of 5xx, and requests that were shed: their 429 is nothing that the account did. */
function ingestAnswers({ stage }: Measured): Indicator {
  const shed = publishedMetrics(stage, 'ingest', 'shedRequests');
  return inLog(stage, 'ingestRequests', 'ingestFailures', shed);
}

/** Requests for unknown routes are included, as good ones. */
const readAnswers = ({ stage }: Measured): Indicator => inLog(stage, 'readRequests', 'readFailures');

/** The access log counts all routes of an objective together. An alarm has no room for the gateway's own metrics of each. */
function inLog(
  stage: string,
  requests: MetricOf<'accessLog'>,
  failures: MetricOf<'accessLog'>,
  alsoBad: Indicator['metrics'] = {},
): Indicator {
  const all = publishedMetrics(stage, 'accessLog', requests);
  const failed = { ...publishedMetrics(stage, 'accessLog', failures), ...alsoBad };
  return {
    metrics: { ...all, ...failed },
    total: sumOf(Object.keys(all)),
    bad: sumOf(Object.keys(failed)),
  };
}

/** All of the API, requests for unknown routes among them. */
function allAnswers({ api }: Measured): Indicator {
  return {
    metrics: { requests: ofGateway(api, 'Count'), errors: ofGateway(api, '5XXError') },
    total: filled('requests'),
    bad: filled('errors'),
  };
}

const answersOf = { ingest: ingestAnswers, read: readAnswers, all: allAnswers } as const;

/**
 * Of answers that were given: failures are those of availability. A function that counts both at once publishes both in one
 * line, so that neither comes without the other.
 */
function counted<Of extends Publisher>(
  stage: string,
  publisher: Of,
  total: MetricOf<Of>,
  good: MetricOf<Of>,
): Indicator {
  const all = publishedMetrics(stage, publisher, total);
  const inTime = publishedMetrics(stage, publisher, good);
  const sum = sumOf(Object.keys(all));
  return {
    metrics: { ...all, ...inTime },
    total: sum,
    bad: [sum, ...Object.keys(inTime).map(filled)].join(' - '),
  };
}

/** The ledger is asked for each event that is missing, and not for each quarter of an hour that it is. */
function ledger({ stage }: Measured): Indicator {
  const accepted = publishedMetrics(stage, 'ingest', 'acceptedEvents');
  const [[id, missing] = []] = Object.entries(publishedMetrics(stage, 'report', 'ledgerMissing'));
  if (id === undefined || missing === undefined) throw new Error('The report publishes no ledger.');
  return {
    metrics: { ...accepted, [id]: { ...missing, statistic: 'Maximum' } },
    total: sumOf(Object.keys(accepted)),
    bad: filled(id),
  };
}

/** The percentile rank of a limit is the percentage of requests within it. */
function ingestLatency({ api }: Measured, withinMs: number): Indicator {
  return {
    metrics: {
      requests: ofGateway(api, 'Count', ingestRoute),
      within: { ...ofGateway(api, 'Latency', ingestRoute), statistic: `PR(:${withinMs})` },
    },
    total: filled('requests'),
    bad: `${filled('requests')} * (100 - FILL(within, 100)) / 100`,
  };
}

/** One metric for each combination of dimensions under which the function publishes, by ids of their own. */
export function publishedMetrics<Of extends Publisher>(
  stage: string,
  publisher: Of,
  name: MetricOf<Of>,
): Readonly<Record<string, MetricQuery>> {
  return Object.fromEntries(
    dimensionsOf(publisher).map((dimensions, index) => [
      `${name}${index}`,
      { namespace: metricNamespaceOf(stage), name, statistic: 'Sum', dimensions },
    ]),
  );
}

/** What has no data counts as 0. */
const filled = (id: string): string => `FILL(${id}, 0)`;
const sumOf = (ids: readonly string[]): string => ids.map(filled).join(' + ');

/** Of all requests to the API, or of those to a route. */
export function ofGateway(
  api: ApiIdentity,
  name: string,
  route?: Pick<Route, 'method' | 'path'>,
): MetricQuery {
  return {
    namespace: 'AWS/ApiGateway',
    name,
    statistic: 'Sum',
    dimensions: {
      ApiName: api.apiName,
      Stage: api.stageName,
      ...(route && { Method: route.method, Resource: route.path }),
    },
  };
}

/** Throws if there is none: an alarm on it would never ring. */
export function declared(method: string, path: string): Route {
  const route = findRoute(method, path);
  if (route === undefined) throw new Error(`There is no route ${method} ${path} to measure.`);
  return route;
}
