// The dashboards of the template, drawn from the store of metrics and the states of alarms.

import type { Template } from '../../../template/template.ts';
import type { Alarms } from '../alarms/alarms.ts';
import { DataQueries, type DataQuery, secondsPerMinute } from '../math/data-queries.ts';
import { isMissing } from '../math/line.ts';
import type { MetricStore } from '../store/metric-store.ts';
import type { ChartSeries } from './chart.ts';
import { type MetricRow, readDashboardBody } from './dashboard-body.ts';
import { renderDashboard } from './render-dashboard.ts';

export type DashboardsContext = {
  readonly store: MetricStore;
  readonly alarms: Pick<Alarms, 'states'>;
  readonly now: () => number;
};

const msPerMinute = 60_000;
const msPerHour = 60 * msPerMinute;
/** CloudWatch takes a longer period where a range has more of the one that was asked for. */
const mostPoints = 1440;
const longerPeriods = [60, 300, 900, 3600, 21_600, 86_400];

export class Dashboards {
  readonly names: readonly string[];
  private readonly bodies: ReadonlyMap<string, string>;
  private readonly context: DashboardsContext;

  constructor(template: Template, context: DashboardsContext) {
    this.context = context;
    this.bodies = new Map(
      template
        .resources('AWS::CloudWatch::Dashboard')
        .map(({ name, properties }) => [name, String(properties.DashboardBody)]),
    );
    this.names = [...this.bodies.keys()];
  }

  /** Without hours, as many as the dashboard says itself. */
  render(name: string, hours?: number): string {
    const { store, alarms, now } = this.context;
    const body = readDashboardBody(this.bodies.get(name) ?? '');
    const toMs = now();
    const fromMs = toMs - (hours ?? body.hours) * msPerHour;
    const states = new Map(
      alarms.states().map(({ alarm, state }) => [alarm.arn, { name: alarm.name, state }]),
    );
    return renderDashboard({
      ...{ name, fromMs, toMs, widgets: body.widgets, names: this.names },
      seriesOf: ({ rows }) => seriesOf(rows, store, fromMs, toMs),
      alarmOf: (arn) => states.get(arn) ?? { name: arn, state: 'unknown here' },
    });
  }
}

function seriesOf(
  rows: readonly MetricRow[],
  store: MetricStore,
  fromMs: number,
  toMs: number,
): readonly ChartSeries[] {
  const queries = new DataQueries(rows.map(toQuery), store);
  return rows
    .filter(({ isShown }) => isShown)
    .flatMap(({ id }) => {
      const periodSeconds = drawnPeriod(queries.periodSecondsOf(id), toMs - fromMs);
      const periodMinutes = periodSeconds / secondsPerMinute;
      // Periods begin at whole multiples of their length. The one that has begun is drawn as far as it has come.
      const startMinute = Math.floor(fromMs / msPerMinute / periodMinutes) * periodMinutes;
      const periods = Math.max(1, Math.ceil((toMs / msPerMinute - startMinute) / periodMinutes));
      const grid = { endMinute: startMinute + periods * periodMinutes, periodMinutes, periods };
      return queries.compute(id, grid).map(({ label, at }) => ({
        label,
        periodMs: periodSeconds * 1000,
        points: Array.from({ length: periods }, (_, index) => ({
          atMs: (startMinute + index * periodMinutes) * msPerMinute,
          value: at(index),
        })).filter(({ value }) => !isMissing(value)),
      }));
    });
}

function drawnPeriod(askedSeconds: number, rangeMs: number): number {
  const leastSeconds = rangeMs / 1000 / mostPoints;
  if (askedSeconds >= leastSeconds) return askedSeconds;
  return longerPeriods.find((seconds) => seconds >= leastSeconds) ?? askedSeconds;
}

function toQuery(row: MetricRow): DataQuery {
  const { id, label, isShown, periodSeconds } = row;
  const shared = { id, returnData: isShown, ...(label !== undefined && { label }) };
  if ('expression' in row) return { ...shared, expression: row.expression, periodSeconds };
  const { namespace, name, dimensions, statistic } = row;
  return { ...shared, metric: { namespace, name, dimensions, statistic, periodSeconds } };
}
