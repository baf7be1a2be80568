// What an objective measures, as CloudWatch expressions: the share of bad requests, the rate at which it burns the
// error budget, and the percentage of good requests. Without requests nothing is bad.

import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { findRoute, type Route, routes } from '../../domain/api/routes.ts';
import { dimensionsOf, metricNames, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import { errorBudget, type Objective } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** The dimensions by which API Gateway tells its stages apart. */
export type ApiIdentity = { readonly apiName: string; readonly stageName: string };

type BadShare = {
  readonly expression: (idOf: (metric: string) => string) => string;
  readonly usingMetrics: Record<string, IMetric>;
};

const ingestRoute = declared('POST', '/v1/events');

/**
 * Counted by no objective. Dry runs store nothing: a client that tries bad input all day must not burn the budget of
 * those who send, nor hide their failures among its own answers. Health probes are no users.
 */
const routesWithoutObjective = routes.filter(
  (route: Route) => route !== ingestRoute && (route.servedBy === 'ingest' || route.path === '/health'),
);

/** CloudWatch's limit for the expression of an alarm. */
const mostMetricsInAlarm = 10;

export class Indicator {
  private readonly objective: Objective;
  private readonly api: ApiIdentity;
  private readonly stage: StageSettings;

  constructor(objective: Objective, api: ApiIdentity, stage: StageSettings) {
    this.objective = objective;
    this.api = api;
    this.stage = stage;
  }

  /** At a rate of 1 the budget is used up exactly at the end of the objective's window. */
  burnRate(periodMinutes: number): MathExpression {
    // All digits of a share such as 0.0009999999999999432 would be noise in the console.
    const budget = Number(errorBudget(this.objective).toPrecision(6));
    return this.over(periodMinutes, `burn rate over ${periodMinutes} min`, (bad) => `${bad} / ${budget}`);
  }

  goodPercent(periodMinutes: number): MathExpression {
    return this.over(periodMinutes, `good over ${periodMinutes} min, %`, (bad) => `100 * (1 - ${bad})`);
  }

  private over(periodMinutes: number, label: string, shape: (badShare: string) => string): MathExpression {
    const { name, indicator } = this.objective;
    const share =
      indicator.kind === 'latency'
        ? slowShare(indicator.withinMs, this.api)
        : { ingest: ingestErrors, read: readErrors }[indicator.of](this.api, this.stage);
    const count = Object.keys(share.usingMetrics).length;
    if (count > mostMetricsInAlarm)
      throw new Error(`${name} needs ${count} metrics; an alarm takes ${mostMetricsInAlarm}.`);
    // Both windows are drawn in one graph, and an id must be unique there.
    const idOf = (id: string) => `${id}_${periodMinutes}m`;
    return new MathExpression({
      expression: shape(`(${share.expression(idOf)})`),
      usingMetrics: Object.fromEntries(
        Object.entries(share.usingMetrics).map(([id, metric]) => [idOf(id), metric]),
      ),
      period: Duration.minutes(periodMinutes),
      label,
    });
  }
}

/** Answers of 5xx, and requests that were shed: their 429 is nothing that the account did. */
function ingestErrors(api: ApiIdentity, { name }: StageSettings): BadShare {
  const shed = dimensionsOf('ingest').map(
    (dimensionsMap) =>
      new Metric({
        namespace: metricNamespaceOf(name),
        metricName: metricNames.shedRequests,
        statistic: Stats.SUM,
        dimensionsMap,
      }),
  );
  const ids = shed.map((_, index) => `shed${index}`);
  return {
    expression: (id) => {
      const bad = [id('errors'), ...ids.map((each) => `FILL(${id(each)}, 0)`)].join(' + ');
      return `IF(${id('requests')} > 0, (${bad}) / ${id('requests')}, 0)`;
    },
    usingMetrics: {
      requests: requests(api, ingestRoute),
      errors: errors(api, ingestRoute),
      ...Object.fromEntries(shed.map((metric, index) => [`shed${index}`, metric])),
    },
  };
}

/**
 * All requests minus those of ingest and of the routes without an objective. So a new read route adds no metric to the
 * alarm, while each subtracted route adds two. The alarm is at CloudWatch's limit: one more needs another way to count.
 * Requests for unknown routes are included, as good ones.
 */
function readErrors(api: ApiIdentity): BadShare {
  const others: readonly Route[] = [ingestRoute, ...routesWithoutObjective];
  const usingMetrics: Record<string, IMetric> = { requests: requests(api), errors: errors(api) };
  for (const [index, route] of others.entries()) {
    usingMetrics[`requests${index}`] = requests(api, route);
    usingMetrics[`errors${index}`] = errors(api, route);
  }
  return {
    expression: (id) => {
      // A route without requests has no data. Without FILL the whole difference would have none.
      const ofReads = (kind: string) =>
        `(${id(kind)}${others.map((_, index) => ` - FILL(${id(`${kind}${index}`)}, 0)`).join('')})`;
      return `IF(${ofReads('requests')} > 0, ${ofReads('errors')} / ${ofReads('requests')}, 0)`;
    },
    usingMetrics,
  };
}

/** For the dashboard: the failures of the routes that no objective counts. */
export function failuresWithoutObjective(api: ApiIdentity): IMetric[] {
  return routesWithoutObjective.map((route: Route) =>
    errors(api, route).with({ period: Duration.minutes(1), label: `${route.method} ${route.path}` }),
  );
}

/** The percentile rank of a limit is the percentage of requests within it. */
function slowShare(withinMs: number, api: ApiIdentity): BadShare {
  return {
    expression: (id) => `IF(${id('requests')} > 0, (100 - ${id('within')}) / 100, 0)`,
    usingMetrics: {
      requests: requests(api, ingestRoute),
      within: gatewayMetric('Latency', Stats.percentileRank(withinMs), api, ingestRoute),
    },
  };
}

function declared(method: string, path: string): Route {
  const route = findRoute(method, path);
  if (route === undefined) throw new Error(`There is no route ${method} ${path} to measure.`);
  return route;
}

function requests(api: ApiIdentity, route?: Route): Metric {
  return gatewayMetric('Count', Stats.SUM, api, route);
}

function errors(api: ApiIdentity, route?: Route): Metric {
  return gatewayMetric('5XXError', Stats.SUM, api, route);
}

function gatewayMetric(metricName: string, statistic: string, api: ApiIdentity, route?: Route): Metric {
  return new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    statistic,
    dimensionsMap: {
      ApiName: api.apiName,
      Stage: api.stageName,
      ...(route && { Method: route.method, Resource: route.path }),
    },
  });
}
