// What DynamoDB and Kinesis say of themselves: slow answers, errors and throttles.

import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { streamsOf } from '../../hops/hop.ts';
import type { Storage } from '../../stateful-stack.ts';
import { inPeriods, mathOf, type Signal, sumOf } from './signal.ts';

// Counted when it happens: no data means that it did not.
const treatMissingData = TreatMissingData.NOT_BREACHING;

/** What functions call most, as many as one alarm takes. */
const watchedCalls = [
  ['identities', 'BatchExecuteStatement'],
  ['claimLogs', 'BatchExecuteStatement'],
  ['claimLogs', 'Query'],
  ['pages', 'BatchWriteItem'],
  ['pages', 'Query'],
  ['aggregates', 'BatchExecuteStatement'],
  ['aggregates', 'BatchGetItem'],
  ['aggregates', 'Query'],
  ['ledger', 'UpdateItem'],
  ['accounts', 'BatchGetItem'],
] as const satisfies readonly (readonly [keyof Storage['tables'], string])[];

const ofCalls = ({ tables }: Storage, metricName: string, statistic: string): Record<string, IMetric> =>
  Object.fromEntries(
    watchedCalls.map(([table, Operation]) => [
      `${table}${Operation}`,
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName,
        statistic,
        dimensionsMap: { TableName: tables[table].tableName, Operation },
      }),
    ]),
  );

export const tableLatency: Signal = {
  id: 'tableLatency',
  name: 'table-latency',
  title: 'Slowest call of a table at P95',
  unit: 'milliseconds',
  severity: 'ticket',
  what: 'A call of a table takes longer than 100 ms at P95, in three periods of 5 minutes in a row.',
  watch: ({ storage }) => {
    const calls = ofCalls(storage, 'SuccessfulRequestLatency', 'p95');
    const filled = Object.keys(calls).map((id) => `FILL(${id}, 0)`);
    return {
      metric: mathOf('slowest call at P95', 5, `MAX([${filled.join(', ')}])`, calls),
      threshold: 100,
      // One slow call of a quiet night is its own P95.
      ...inPeriods(3),
      treatMissingData,
    };
  },
};

export const tableErrors: Signal = {
  id: 'tableErrors',
  name: 'table-errors',
  runbook: 'table-latency',
  title: 'Errors of tables',
  unit: 'errors a minute',
  severity: 'ticket',
  what: 'Tables answer more than 5 calls a minute with an error of theirs, in 3 of 5 minutes.',
  watch: ({ storage }) => ({
    metric: sumOf('errors', ofCalls(storage, 'SystemErrors', 'Sum')).with({ period: Duration.minutes(1) }),
    threshold: 5,
    ...inPeriods(3, 5),
    treatMissingData,
  }),
};

const tableThrottles = (kind: 'Read' | 'Write'): Signal => ({
  id: `table${kind}Throttles`,
  name: `table-${kind.toLowerCase()}-throttles`,
  runbook: 'table-throttles',
  title: `${kind}s that tables throttle`,
  unit: `${kind.toLowerCase()}s a minute`,
  severity: 'ticket',
  what: `Tables throttle ${kind.toLowerCase()}s in 3 of 5 minutes.`,
  watch: ({ storage: { tables } }) => ({
    metric: sumOf(
      'throttled',
      Object.fromEntries(
        (['identities', 'claimLogs', 'pages', 'aggregates', 'accounts', 'ledger'] as const).map((table) => [
          table,
          new Metric({
            namespace: 'AWS/DynamoDB',
            metricName: `${kind}ThrottleEvents`,
            statistic: 'Sum',
            dimensionsMap: { TableName: tables[table].tableName },
          }),
        ]),
      ),
    ).with({ period: Duration.minutes(1) }),
    threshold: 0,
    ...inPeriods(3, 5),
    treatMissingData,
  }),
});

export const tableReadThrottles = tableThrottles('Read');
export const tableWriteThrottles = tableThrottles('Write');

export const streamThrottles: Signal = {
  id: 'streamThrottles',
  name: 'stream-throttles',
  title: 'Records that streams throttle',
  unit: 'records a minute',
  severity: 'ticket',
  what: 'Streams refuse records in 3 of 5 minutes, because a shard or the stream is at its limit.',
  watch: ({ storage }) => ({
    metric: sumOf(
      'throttled',
      Object.fromEntries(
        streamsOf(storage).map((stream, index) => [
          `stream${index}`,
          new Metric({
            namespace: 'AWS/Kinesis',
            metricName: 'WriteProvisionedThroughputExceeded',
            statistic: 'Sum',
            dimensionsMap: { StreamName: stream.streamName },
          }),
        ]),
      ),
    ).with({ period: Duration.minutes(1) }),
    threshold: 0,
    ...inPeriods(3, 5),
    treatMissingData,
  }),
};
