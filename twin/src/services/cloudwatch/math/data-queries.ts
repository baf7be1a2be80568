// The queries of an alarm, a graph or GetMetricData: metrics, and expressions over them and over each other.

import { keyOf, type MetricIdentity, type MetricStore } from '../store/metric-store.ts';
import { readStatistic, type Statistic } from '../store/statistic.ts';
import type { StoredSeries } from '../store/stored-series.ts';
import { compileExpression, type Expression } from './expression.ts';
import { type Grid, type Line, MathNotModelled, missing, remembered, type Value } from './line.ts';
import { readSearch } from './search.ts';

export type MetricStat = MetricIdentity & { readonly statistic: string; readonly periodSeconds: number };

export type DataQuery = {
  readonly id: string;
  readonly label?: string;
  readonly returnData: boolean;
} & (
  | { readonly metric: MetricStat; readonly expression?: undefined }
  | { readonly expression: string; readonly periodSeconds?: number; readonly metric?: undefined }
);

type Metric = {
  readonly id: string;
  readonly label: string;
  readonly key: string;
  readonly statistic: Statistic;
  readonly periodSeconds: number;
};
type Part =
  | { readonly metric: Metric }
  | { readonly expression: Expression; readonly label: string; readonly period?: number | undefined };

export const secondsPerMinute = 60;

export class DataQueries {
  private readonly store: MetricStore;
  private readonly parts = new Map<string, Part>();

  constructor(queries: readonly DataQuery[], store: MetricStore) {
    this.store = store;
    for (const query of queries) this.parts.set(query.id, toPart(query));
    for (const id of this.parts.keys()) this.check(id, []);
  }

  /** All metrics of an expression have the same: CloudWatch refuses an alarm where they do not. */
  periodSecondsOf(id: string): number {
    const periods = new Set(this.periodsOf(id));
    const [period, ...others] = periods;
    if (others.length > 0)
      throw new MathNotModelled(
        `${id} mixes the periods ${[...periods].join(', ')} s. Give all its metrics the same.`,
      );
    const part = this.parts.get(id);
    const own = part !== undefined && 'expression' in part ? part.period : undefined;
    const seconds = period ?? own ?? secondsPerMinute;
    if (!(seconds > 0 && seconds % secondsPerMinute === 0))
      throw new MathNotModelled(`${id} has a period of ${seconds} s. The local twin keeps whole minutes.`);
    return seconds;
  }

  compute(id: string, grid: Grid): readonly Line[] {
    const value = this.valueOf(id, grid, new Map());
    const part = this.parts.get(id);
    const label = part !== undefined && 'expression' in part ? part.label : undefined;
    switch (value.kind) {
      case 'scalar':
        return [{ label: label ?? id, at: () => value.value }];
      case 'line':
        return [{ label: label ?? value.line.label, at: value.line.at }];
      case 'lines':
        return value.lines.map((line) => ({
          label: label === undefined || label === id ? line.label : `${label} ${line.label}`,
          at: line.at,
        }));
    }
  }

  /** Whether no metric that is named has a value in those minutes: then neither has the result changed. */
  isSilent(fromMinute: number, toMinute: number): boolean {
    for (const part of this.parts.values()) {
      if ('expression' in part && part.expression.searchPeriods.length > 0) return false;
      if ('metric' in part && this.store.findByKey(part.metric.key)?.isSilent(fromMinute, toMinute) === false)
        return false;
    }
    return true;
  }

  private valueOf(id: string, grid: Grid, known: Map<string, Value>): Value {
    const value = known.get(id);
    if (value !== undefined) return value;
    const part = this.parts.get(id);
    if (part === undefined) throw new MathNotModelled(`There is no metric or expression ${id}.`);
    const computed: Value =
      'metric' in part
        ? { kind: 'line', line: this.lineOf(part.metric, grid) }
        : part.expression.compute({
            grid,
            value: (other) => this.valueOf(other, grid, known),
            metrics: (text) => this.metricLines(text, grid),
            search: (search, statistic) => this.searchLines(search, statistic, grid),
          });
    known.set(id, computed);
    return computed;
  }

  private lineOf({ label, key, statistic }: Metric, grid: Grid): Line {
    return lineOver(label, this.store.findByKey(key), statistic, grid);
  }

  private metricLines(text: string, grid: Grid): readonly Line[] {
    return [...this.parts.values()].flatMap((part) =>
      'metric' in part && part.metric.id.includes(text) ? [this.lineOf(part.metric, grid)] : [],
    );
  }

  private searchLines(search: string, statisticName: string, grid: Grid): readonly Line[] {
    const isWanted = readSearch(search);
    const statistic = readStatistic(statisticName);
    return this.store
      .list()
      .filter(isWanted)
      .map((metric) => lineOver(labelOf(metric), metric.series, statistic, grid));
  }

  private periodsOf(id: string): readonly number[] {
    const part = this.parts.get(id);
    if (part === undefined) return [];
    if ('metric' in part) return [part.metric.periodSeconds];
    const { ids, usesMetrics, searchPeriods } = part.expression;
    const metrics = usesMetrics
      ? [...this.parts.values()].flatMap((each) => ('metric' in each ? [each.metric.periodSeconds] : []))
      : [];
    return [...[...ids].flatMap((other) => this.periodsOf(other)), ...metrics, ...searchPeriods];
  }

  /** That everything named is there, and nothing is computed from itself. */
  private check(id: string, above: readonly string[]): void {
    if (above.includes(id))
      throw new MathNotModelled(`${id} is computed from itself: ${[...above, id].join(' → ')}.`);
    const part = this.parts.get(id);
    if (part === undefined)
      throw new MathNotModelled(
        `${above.at(-1)} names ${id}, and there is no metric or expression so called.`,
      );
    if ('expression' in part) for (const other of part.expression.ids) this.check(other, [...above, id]);
  }
}

function toPart(query: DataQuery): Part {
  const { id, label } = query;
  if (query.metric === undefined)
    return {
      expression: compileExpression(query.expression),
      label: label ?? id,
      period: query.periodSeconds,
    };
  const { metric } = query;
  return {
    metric: {
      id,
      label: label ?? labelOf(metric),
      key: keyOf(metric),
      statistic: readStatistic(metric.statistic),
      periodSeconds: metric.periodSeconds,
    },
  };
}

function lineOver(label: string, series: StoredSeries | undefined, statistic: Statistic, grid: Grid): Line {
  if (series === undefined) return { label, at: () => missing };
  const { endMinute, periodMinutes, periods } = grid;
  return remembered({
    label,
    at: (index) => {
      const toMinute = endMinute - (periods - 1 - index) * periodMinutes;
      return statistic(series, toMinute - periodMinutes, toMinute);
    },
  });
}

/** As CloudWatch does: what tells it apart from others, and else its name. */
function labelOf({ name, dimensions }: MetricIdentity): string {
  const values = Object.values(dimensions);
  return values.length === 0 ? name : `${values.join(' ')} ${name}`;
}
