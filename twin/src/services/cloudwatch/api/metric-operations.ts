// The operations on metrics: PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html

import { isJsonRecord, type JsonRecord } from '../../../core/json-record.ts';
import { identityOf, readDataQuery } from '../alarms/alarm-definition.ts';
import { DataQueries, secondsPerMinute } from '../math/data-queries.ts';
import { MathNotModelled } from '../math/line.ts';
import type { MeasuredSet, MetricStore } from '../store/metric-store.ts';
import { readStatistic, StatisticNotModelled } from '../store/statistic.ts';
import { listOf, type Operation, page, Refused, recordsOf, required, textsOf, timeMs } from './operation.ts';

export type MetricContext = {
  readonly store: MetricStore;
  /** Brings what functions have printed until now into the store. */
  readonly collect: () => void;
  readonly now: () => number;
};

const msPerMinute = 60_000;
const mostDatapoints = 100_800;
const mostStatistics = 1440;
const mostListed = 500;
const mostData = 1000;

export function metricOperations({
  store,
  collect,
  now,
}: MetricContext): Readonly<Record<string, Operation>> {
  return {
    PutMetricData: (input) => {
      const namespace = required(input, 'Namespace');
      if (namespace.startsWith('AWS/'))
        throw new Refused(
          'InvalidParameterValue',
          `The value ${namespace} for parameter Namespace is invalid: AWS/ is for AWS.`,
        );
      const data = recordsOf(input.MetricData);
      if (data.length === 0 || data.length > mostData)
        throw new Refused('InvalidParameterValue', `MetricData must have 1 to ${mostData} members.`);
      // All of them are read before the first is stored.
      for (const measured of data.map((datum) => toMeasured(namespace, datum, now()))) store.addSet(measured);
      return {};
    },
    GetMetricData: (input) => {
      collect();
      return modelled(() => getMetricData(store, input));
    },
    GetMetricStatistics: (input) => {
      collect();
      return modelled(() => getMetricStatistics(store, input));
    },
    ListMetrics: (input) => {
      collect();
      return listMetrics(store, input);
    },
  };
}

function toMeasured(namespace: string, datum: JsonRecord, nowMs: number): MeasuredSet {
  const { name, dimensions } = identityOf({ ...datum, Namespace: namespace });
  return {
    namespace,
    name: required({ MetricName: datum.MetricName }, 'MetricName') && name,
    dimensions,
    unit: String(datum.Unit ?? 'None'),
    timestampMs: timeMs(datum, 'Timestamp', nowMs),
    of: valuesOf(datum),
  };
}

function valuesOf({ MetricName, Value, Values, Counts, StatisticValues }: JsonRecord): MeasuredSet['of'] {
  if (isJsonRecord(StatisticValues)) {
    const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
    return { count: Number(SampleCount), sum: Number(Sum), min: Number(Minimum), max: Number(Maximum) };
  }
  const values = Array.isArray(Values) ? Values.map(Number) : [Number(Value)];
  if (values.length === 0 || values.some((value) => !Number.isFinite(value)))
    throw new Refused(
      'InvalidParameterValue',
      `The metric ${String(MetricName)} has no value, or one that is no number.`,
    );
  const counts = listOf(Counts);
  return values.map((value, index) => [value, Number(counts[index] ?? 1)] as const);
}

function getMetricData(store: MetricStore, input: JsonRecord) {
  const list = recordsOf(input.MetricDataQueries).map(readDataQuery);
  if (list.length === 0)
    throw new Refused('MissingParameter', 'The parameter MetricDataQueries is required.');
  const queries = new DataQueries(list, store);
  const points = list
    .filter(({ returnData }) => returnData)
    .flatMap(({ id }) => {
      const grid = gridOf(input, queries.periodSecondsOf(id));
      return queries.compute(id, grid).flatMap(({ label, at }, line) => {
        const found = pointsIn(grid, at, input.ScanBy !== 'TimestampAscending');
        // A line without points is told too.
        return (found.length === 0 ? [undefined] : found).map((point) => ({ id, label, line, point }));
      });
    });
  const { items, next } = page(points, input.NextToken, Number(input.MaxDatapoints ?? mostDatapoints));
  const results = Map.groupBy(items, ({ id, line }) => `${id} ${line}`);
  return {
    MetricDataResults: [...results.values()].map((of) => {
      const [{ id, label } = { id: '', label: '' }] = of;
      const there = of.flatMap(({ point }) => point ?? []);
      const isCut = next.NextToken !== undefined && of.at(-1) === items.at(-1);
      return {
        Id: id,
        Label: label,
        Timestamps: there.map(({ seconds }) => seconds),
        Values: there.map(({ value }) => value),
        StatusCode: isCut ? 'PartialData' : 'Complete',
      };
    }),
    Messages: [],
    ...next,
  };
}

function getMetricStatistics(store: MetricStore, input: JsonRecord) {
  const identity = identityOf(input);
  const series = store.find(identity);
  const grid = gridOf(input, Number(input.Period));
  if (grid.periods > mostStatistics)
    throw new Refused(
      'InvalidParameterCombination',
      `You have requested up to ${grid.periods} datapoints, which exceeds the limit of ${mostStatistics}.`,
    );
  const simple = textsOf(input.Statistics);
  const extended = textsOf(input.ExtendedStatistics);
  const read = new Map([...simple, ...extended].map((name) => [name, readStatistic(name)]));
  const at = (index: number, name: string) => {
    const fromMinute = grid.startMinute + index * grid.periodMinutes;
    return series === undefined
      ? undefined
      : read.get(name)?.(series, fromMinute, fromMinute + grid.periodMinutes);
  };
  const valuesAt = (index: number, names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = at(index, name);
        return value === undefined || Number.isNaN(value) ? [] : [[name, value]];
      }),
    );
  const Datapoints = Array.from({ length: grid.periods }, (_, index) => index)
    .filter((index) => series !== undefined && series.window(...windowAt(grid, index)).count > 0)
    .map((index) => ({
      Timestamp: (grid.startMinute + index * grid.periodMinutes) * secondsPerMinute,
      ...valuesAt(index, simple),
      ...(extended.length > 0 && { ExtendedStatistics: valuesAt(index, extended) }),
      Unit: unitOf(store, identity.namespace, identity.name),
    }));
  return { Label: identity.name, Datapoints };
}

function listMetrics(store: MetricStore, input: JsonRecord) {
  const { Namespace, MetricName } = input;
  const dimensions = recordsOf(input.Dimensions);
  const found = store.list().filter(
    (metric) =>
      (Namespace === undefined || metric.namespace === Namespace) &&
      (MetricName === undefined || metric.name === MetricName) &&
      dimensions.every(({ Name, Value }) => {
        const value = metric.dimensions[String(Name)];
        return value !== undefined && (Value === undefined || value === Value);
      }),
  );
  const { items, next } = page(found, input.NextToken, mostListed);
  return {
    Metrics: items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    ...next,
  };
}

type TimedGrid = {
  readonly startMinute: number;
  readonly endMinute: number;
  readonly periodMinutes: number;
  readonly periods: number;
};

/** Periods begin at whole multiples of their length, as CloudWatch's do. */
function gridOf(input: JsonRecord, periodSeconds: number): TimedGrid {
  const periodMinutes = periodSeconds / secondsPerMinute;
  if (!Number.isInteger(periodMinutes) || periodMinutes < 1)
    throw new Refused('InvalidParameterValue', 'Period must be a multiple of 60 seconds.');
  const startMinute = Math.floor(timeMs(input, 'StartTime') / msPerMinute / periodMinutes) * periodMinutes;
  const periods = Math.ceil((timeMs(input, 'EndTime') / msPerMinute - startMinute) / periodMinutes);
  if (periods < 1) throw new Refused('ValidationError', 'The parameter StartTime must be less than EndTime.');
  if (periods > mostDatapoints)
    throw new Refused('ValidationError', `More than ${mostDatapoints} periods: take a longer one.`);
  return { startMinute, endMinute: startMinute + periods * periodMinutes, periodMinutes, periods };
}

function windowAt({ startMinute, periodMinutes }: TimedGrid, index: number): [number, number] {
  const fromMinute = startMinute + index * periodMinutes;
  return [fromMinute, fromMinute + periodMinutes];
}

function pointsIn(grid: TimedGrid, at: (index: number) => number, isDescending: boolean) {
  const points = Array.from({ length: grid.periods }, (_, index) => ({
    seconds: windowAt(grid, index)[0] * secondsPerMinute,
    value: at(index),
  })).filter(({ value }) => !Number.isNaN(value));
  return isDescending ? points.toReversed() : points;
}

function unitOf(store: MetricStore, namespace: string, name: string): string {
  return (
    store.list().find((metric) => metric.namespace === namespace && metric.name === name)?.unit ?? 'None'
  );
}

/** What the twin does not know is the caller's to know: it is no failure of the twin. */
function modelled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof MathNotModelled || error instanceof StatisticNotModelled)
      throw new Refused('ValidationError', error.message);
    throw error;
  }
}
