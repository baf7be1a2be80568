// What an objective measures, as CloudWatch expressions: the share of bad requests, how fast that share burns the
// error budget, and the share of good ones. Where there are no requests nothing is bad.

import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { findRoute, type Route, routes } from '../../domain/api/routes.ts';
import { errorBudget, type Objective } from '../../domain/service-levels/objectives.ts';

/** The dimensions by which API Gateway tells its stages apart. */
export type ApiIdentity = { readonly apiName: string; readonly stageName: string };

type BadShare = {
  readonly expression: (idOf: (metric: string) => string) => string;
  readonly usingMetrics: Record<string, IMetric>;
};

const ingestRoute = declared('POST', '/v1/events');

/**
 * In no objective. Debugging stores nothing, and whoever tries out the worst input all day shall neither burn the budget
 * of those who send, nor hide their failures among answers of its own; probes are no callers.
 */
const routesWithoutObjective = routes.filter(
  (route: Route) => route !== ingestRoute && (route.servedBy === 'ingest' || route.anyOf.length === 0),
);

/** CloudWatch refuses an alarm on an expression of more. */
const mostMetricsInAlarm = 10;

export class Indicator {
  private readonly objective: Objective;
  private readonly api: ApiIdentity;

  constructor(objective: Objective, api: ApiIdentity) {
    this.objective = objective;
    this.api = api;
  }

  /** 1 uses the budget up exactly by the end of the objective's window. */
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
        : { ingest: ingestErrors, read: readErrors }[indicator.of](this.api);
    const count = Object.keys(share.usingMetrics).length;
    if (count > mostMetricsInAlarm)
      throw new Error(`${name} needs ${count} metrics; an alarm takes ${mostMetricsInAlarm}.`);
    // Two windows share a graph, where an id may stand for one metric only.
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

function ingestErrors(api: ApiIdentity): BadShare {
  return {
    expression: (id) => `IF(${id('requests')} > 0, ${id('errors')} / ${id('requests')}, 0)`,
    usingMetrics: { requests: requests(api, ingestRoute), errors: errors(api, ingestRoute) },
  };
}

/**
 * Everything but ingest and the routes without an objective, by subtraction: a new route to read adds no metric to the
 * alarm. Each of the others adds two, and these are all that an alarm takes: the next one has to be counted otherwise.
 * Requests for routes that do not exist are in the difference too, as answered ones.
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
      // A route that nobody called has no data, and without FILL the whole difference would have none.
      const ofReads = (kind: string) =>
        `(${id(kind)}${others.map((_, index) => ` - FILL(${id(`${kind}${index}`)}, 0)`).join('')})`;
      return `IF(${ofReads('requests')} > 0, ${ofReads('errors')} / ${ofReads('requests')}, 0)`;
    },
    usingMetrics,
  };
}

/** So that what no objective counts can be seen all the same. */
export function failuresWithoutObjective(api: ApiIdentity): IMetric[] {
  return routesWithoutObjective.map((route: Route) =>
    errors(api, route).with({ period: Duration.minutes(1), label: `${route.method} ${route.path}` }),
  );
}

/** The percentile rank of a bound is the percentage of requests within it. */
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
