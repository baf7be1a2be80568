// Figures of somebody on call, from CloudWatch: all series of all figures in as few calls as it takes.

import { type CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { type Figure, joinPoints, type Points } from '../../domain/operations/figures.ts';
import type { TimeRange } from '../../domain/operations/port.ts';

/** As many as CloudWatch takes in one call. */
const mostQueries = 500;

export async function readFigures(
  client: CloudWatchClient,
  figures: readonly Figure[],
  { fromMs, toMs }: TimeRange,
  periodSeconds: number,
): Promise<readonly Points[]> {
  const lines = new Map<string, Map<number, number>>();
  const queries = figures.flatMap(({ series, statistic }, figure) =>
    series.map(({ namespace, name, dimensions }, index) => ({
      Id: idOf(figure, index),
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: statistic,
      },
    })),
  );
  for (let at = 0; at < queries.length; at += mostQueries) {
    const input = {
      MetricDataQueries: queries.slice(at, at + mostQueries),
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
    };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input))
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
        const line = lines.get(Id) ?? new Map<number, number>();
        for (const [index, time] of Timestamps.entries()) line.set(time.getTime(), Values[index] ?? 0);
        lines.set(Id, line);
      }
  }
  return figures.map(({ series, statistic }, figure) =>
    joinPoints(
      statistic,
      series.map((_, index) => lines.get(idOf(figure, index)) ?? new Map()),
    ),
  );
}

const idOf = (figure: number, series: number): string => `figure${figure}_${series}`;
