// The indicators of the objectives as CloudWatch metrics of the CDK: the rate at which one burns its error budget, and its
// percentage of good answers.

import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type Route, routes } from '../../domain/api/routes.ts';
import {
  type ApiIdentity,
  burnRate,
  type Indicator,
  indicatorOf,
  type MetricQuery,
} from '../../domain/service-levels/indicators.ts';
import type { Objective } from '../../domain/service-levels/objectives.ts';
import { objectiveOfRoute } from '../../domain/service-levels/route-objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

/** CloudWatch's limit for the expression of an alarm. */
const mostMetricsInAlarm = 10;

export class IndicatorMetrics {
  private readonly objective: Objective;
  private readonly api: ApiIdentity;
  private readonly stage: StageSettings;

  constructor(objective: Objective, api: ApiIdentity, stage: StageSettings) {
    this.objective = objective;
    this.api = api;
    this.stage = stage;
  }

  /** 0 as long as fewer than `floor` are bad. */
  burnRate(periodMinutes: number, floor: number): MathExpression {
    return this.over(periodMinutes, `burn rate over ${inWords(periodMinutes)}`, (indicator) =>
      burnRate(indicator, this.objective, floor),
    );
  }

  goodPercent(periodMinutes: number): MathExpression {
    return this.over(
      periodMinutes,
      `good over ${inWords(periodMinutes)}, %`,
      ({ bad, total }) => `IF(${total} > 0, 100 * (1 - (${bad}) / (${total})), 100)`,
    );
  }

  private over(
    periodMinutes: number,
    label: string,
    shape: (indicator: Pick<Indicator, 'bad' | 'total'>) => string,
  ): MathExpression {
    const { metrics, bad, total } = indicatorOf(this.objective, { stage: this.stage.name, api: this.api });
    const ids = Object.keys(metrics);
    if (ids.length > mostMetricsInAlarm)
      throw new Error(
        `${this.objective.name} needs ${ids.length} metrics; an alarm takes ${mostMetricsInAlarm}.`,
      );
    // Several windows are drawn in one graph, and an id must be unique there.
    const idOf = (id: string) => `${id}_${periodMinutes}m`;
    const renamed = (expression: string) =>
      expression.replaceAll(/[a-z]\w*/g, (word) => (ids.includes(word) ? idOf(word) : word));
    return new MathExpression({
      expression: shape({ bad: renamed(bad), total: renamed(total) }),
      usingMetrics: Object.fromEntries(
        Object.entries(metrics).map(([id, query]) => [idOf(id), toMetric(query)]),
      ),
      period: Duration.minutes(periodMinutes),
      label,
    });
  }
}

/** In the largest unit that needs no fraction. */
export function inWords(minutes: number): string {
  if (minutes % (24 * 60) === 0) return plural(minutes / (24 * 60), 'day');
  if (minutes % 60 === 0) return plural(minutes / 60, 'hour');
  return plural(minutes, 'minute');
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** For the dashboard: the failures of the routes that no objective counts. */
export function failuresWithoutObjective(api: ApiIdentity): IMetric[] {
  return routes
    .filter((route: Route) => objectiveOfRoute(route) === undefined)
    .map(
      ({ method, path }) =>
        new Metric({
          namespace: 'AWS/ApiGateway',
          metricName: '5XXError',
          statistic: Stats.SUM,
          period: Duration.minutes(1),
          label: `${method} ${path}`,
          dimensionsMap: { ApiName: api.apiName, Stage: api.stageName, Method: method, Resource: path },
        }),
    );
}

export const toMetric = ({ namespace, name, statistic, dimensions }: MetricQuery): Metric =>
  new Metric({ namespace, metricName: name, statistic, dimensionsMap: { ...dimensions } });
