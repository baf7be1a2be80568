// Metrics of CloudWatch by the hour, by GetMetricData, which also evaluates the expressions. CloudWatch keeps hours for 15
// months. It bills each metric that is read, so that all expressions of a measurement share theirs.

import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type {
  Hourly,
  Measured,
  Measurement,
  MetricReader,
  TimeRange,
} from '../../domain/service-levels/port.ts';
import { hourMs } from '../../domain/system/time.ts';
import { type Connection, clientOptions, type Timeouts } from '../aws/client-options.ts';
import { callCloudWatch } from './call-cloudwatch.ts';

/** What one call takes. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const mostQueries = 500;
const periodSeconds = hourMs / 1000;

export class CloudWatchMetricReader implements MetricReader {
  readonly #client: CloudWatchClient;

  constructor(timeouts: Timeouts, connection: Connection = {}) {
    this.#client = new CloudWatchClient({ ...clientOptions(timeouts), ...connection });
  }

  async read<Name extends string>(
    measurements: readonly Measurement<Name>[],
    range: TimeRange,
  ): Promise<readonly Measured<Name>[]> {
    const values = new Map<string, Map<number, number>>();
    for (const queries of inCalls(measurements.map(toQueries))) {
      let next: string | undefined;
      do {
        const answer = await callCloudWatch('GetMetricData', () =>
          this.#client.send(
            new GetMetricDataCommand({
              MetricDataQueries: queries,
              StartTime: new Date(range.fromMs),
              EndTime: new Date(range.toMs),
              ScanBy: 'TimestampAscending',
              NextToken: next,
            }),
          ),
        );
        for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
          const hourly = values.get(Id) ?? new Map<number, number>();
          values.set(Id, hourly);
          for (const [index, time] of Timestamps.entries()) {
            const value = Values[index];
            if (value !== undefined) hourly.set(time.getTime(), value);
          }
        }
        next = answer.NextToken;
      } while (next !== undefined);
    }
    return measurements.map(
      ({ expressions }, index) =>
        Object.fromEntries(
          Object.keys(expressions).map((name) => [
            name,
            values.get(resultId(index, name)) ?? new Map<number, number>(),
          ]),
        ) as Record<string, Hourly> as Measured<Name>,
    );
  }
}

/** Ids are unique in a call, and begin with a small letter. */
const metricId = (index: number, id: string): string => `m${index}_${id}`;
const resultId = (index: number, name: string): string => `e${index}_${name}`;

function toQueries({ metrics, expressions }: Measurement, index: number): MetricDataQuery[] {
  const renamed = (expression: string) =>
    expression.replaceAll(/[a-z]\w*/g, (word) =>
      Object.hasOwn(metrics, word) ? metricId(index, word) : word,
    );
  return [
    ...Object.entries(metrics).map(([id, { namespace, name, statistic, dimensions }]) => ({
      Id: metricId(index, id),
      ReturnData: false,
      MetricStat: {
        Metric: {
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Stat: statistic,
        Period: periodSeconds,
      },
    })),
    ...Object.entries(expressions).map(([name, expression]) => ({
      Id: resultId(index, name),
      Expression: renamed(expression),
      Period: periodSeconds,
      ReturnData: true,
    })),
  ];
}

/** An expression is in the call of its metrics. */
function inCalls(groups: readonly MetricDataQuery[][]): MetricDataQuery[][] {
  const calls: MetricDataQuery[][] = [];
  for (const group of groups) {
    const last = calls.at(-1);
    if (last !== undefined && last.length + group.length <= mostQueries) last.push(...group);
    else calls.push([...group]);
  }
  return calls;
}
