// What somebody on call looks at of a function, of a table and of a stream: which series of CloudWatch make each figure,
// and by which statistic. Several series are one figure: tiers, or the kinds of calls to a table.

import { dimensionsOf } from '../service-levels/dimensions.ts';
import { type MetricName, metricNamespaceOf, type Publisher, published } from '../service-levels/metrics.ts';
import type { FunctionVerb } from '../system/stage-names.ts';

export type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'p95';

export type Series = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

export type Figure = {
  readonly heading: string;
  readonly statistic: Statistic;
  readonly series: readonly Series[];
};

const figureOf =
  (namespace: string, dimensions: Series['dimensions']) =>
  (heading: string, name: string, statistic: Statistic): Figure => ({
    heading,
    statistic,
    series: [{ namespace, name, dimensions }],
  });

/** `mappingId`: of what polls a stream for it. */
export function figuresOfFunction(functionName: string, mappingId?: string): readonly Figure[] {
  const ofFunction = figureOf('AWS/Lambda', { FunctionName: functionName });
  const figures = [
    ofFunction('INVOKED', 'Invocations', 'Sum'),
    ofFunction('ERRORS', 'Errors', 'Sum'),
    ofFunction('THROTTLED', 'Throttles', 'Sum'),
    ofFunction('AT ONCE', 'ConcurrentExecutions', 'Maximum'),
    ofFunction('SLOWEST MS', 'Duration', 'Maximum'),
  ];
  if (mappingId === undefined) return figures;
  const ofMapping = figureOf('AWS/Lambda', { EventSourceMappingUUID: mappingId });
  return [
    ...figures,
    ofFunction('AGE MS', 'IteratorAge', 'Maximum'),
    ofMapping('POLLED', 'PolledEventCount', 'Sum'),
    ofMapping('DEAD LETTERS', 'OnFailureDestinationDeliveredEventCount', 'Sum'),
    ofMapping('DROPPED', 'DroppedEventCount', 'Sum'),
  ];
}

/** Latency and errors are measured by these. */
const calls = [
  ...['BatchExecuteStatement', 'BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem'],
  ...['PutItem', 'Query', 'TransactWriteItems', 'UpdateItem'],
];

export function figuresOfTable(tableName: string): readonly Figure[] {
  const ofTable = figureOf('AWS/DynamoDB', { TableName: tableName });
  const ofCalls = (heading: string, name: string, statistic: Statistic): Figure => ({
    heading,
    statistic,
    series: calls.map((Operation) => ({
      ...{ namespace: 'AWS/DynamoDB', name, dimensions: { TableName: tableName, Operation } },
    })),
  });
  return [
    ofTable('READS THROTTLED', 'ReadThrottleEvents', 'Sum'),
    ofTable('WRITES THROTTLED', 'WriteThrottleEvents', 'Sum'),
    ofCalls('ERRORS', 'SystemErrors', 'Sum'),
    ofCalls('P95 MS', 'SuccessfulRequestLatency', 'p95'),
  ];
}

export function figuresOfStream(streamName: string): readonly Figure[] {
  const ofStream = figureOf('AWS/Kinesis', { StreamName: streamName });
  return [
    ofStream('RECORDS', 'IncomingRecords', 'Sum'),
    ofStream('REFUSED', 'WriteProvisionedThroughputExceeded', 'Sum'),
  ];
}

/** Consumers of all streams publish as one. */
export function publisherOf(verb: FunctionVerb): Publisher | undefined {
  const name = verb.startsWith('consume') ? 'consume' : verb;
  return Object.hasOwn(published, name) ? (name as Publisher) : undefined;
}

const ageOrCount: readonly MetricName[] = [
  ...(['oldestUnfolded', 'unseenEnvironments', 'ledgerImbalance', 'ledgerMissing'] as const),
  ...(['recordsInFlight', 'activeAccounts', 'heldRecords'] as const),
];
const times: readonly MetricName[] = [
  ...(['batchSize', 'enqueueTime', 'freshness', 'lateFreshness', 'probeRoundTrip'] as const),
];
const atWorst: readonly MetricName[] = ['attainmentPercent', 'budgetLeftPercent', 'probeSucceeded'];

function statisticOf(name: MetricName): Statistic {
  if (ageOrCount.includes(name)) return 'Maximum';
  if (times.includes(name)) return 'p95';
  return atWorst.includes(name) ? 'Minimum' : 'Sum';
}

/** What the function publishes itself: of all tiers, and of all objectives the worst. */
export function publishedFigure(stage: string, publisher: Publisher, name: MetricName): Figure {
  const namespace = metricNamespaceOf(stage);
  return {
    heading: name,
    statistic: statisticOf(name),
    series: dimensionsOf(publisher).map((dimensions) => ({ namespace, name, dimensions })),
  };
}

export type Points = ReadonlyMap<number, number>;

/** Values of the same time become one. */
export function joinPoints(statistic: Statistic, lines: readonly Points[]): Points {
  const joined = new Map<number, number>();
  for (const line of lines)
    for (const [atMs, value] of line) {
      const before = joined.get(atMs);
      joined.set(atMs, before === undefined ? value : join(statistic, [before, value]));
    }
  return joined;
}

/** Of all times. Undefined where there is none. */
export const overall = (statistic: Statistic, points: Points): number | undefined =>
  points.size === 0 ? undefined : join(statistic, [...points.values()]);

function join(statistic: Statistic, values: readonly number[]): number {
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  return statistic === 'Minimum' ? Math.min(...values) : Math.max(...values);
}
