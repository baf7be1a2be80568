// What Lambda measures of a function: each invocation, each throttle, and what becomes of events that nobody waits for.
// An invocation is told at the time when it began.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html

import type { Clock } from '../../core/clock.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import { type Dimensions, type MetricSource, type MetricValues, putMetrics } from '../../core/put-metrics.ts';
import { qualifierOf } from '../../template/template.ts';

/** All sets of dimensions: of the function, of the alias or version that was asked for, and of the version that ran. */
export function functionSource(name: string, qualifier?: string, executedVersion?: string): MetricSource {
  const ofFunction: Dimensions = { FunctionName: name };
  const dimensionSets =
    qualifier === undefined
      ? [ofFunction]
      : [
          ofFunction,
          { ...ofFunction, Resource: `${name}:${qualifier}` },
          ...(executedVersion === undefined
            ? []
            : [{ ...ofFunction, Resource: `${name}:${qualifier}`, ExecutedVersion: executedVersion }]),
        ];
  return { namespace: 'AWS/Lambda', dimensionSets };
}

export type FunctionMetricsOptions = {
  readonly functionName: string;
  readonly metrics: MetricSink;
  readonly clock: Pick<Clock, 'now'>;
};

export type Invocation = {
  readonly beganAtMs: number;
  readonly durationMs: number;
  readonly hasFailed: boolean;
  /** Invocations under way when it began, it included. */
  readonly concurrency: number;
};

export class FunctionMetrics {
  private readonly options: FunctionMetricsOptions;
  private readonly source: MetricSource;

  constructor(options: FunctionMetricsOptions) {
    this.options = options;
    this.source = functionSource(options.functionName);
  }

  invoked(
    { beganAtMs, durationMs, hasFailed, concurrency }: Invocation,
    { version, arn }: { readonly version: string; readonly arn: string },
  ): void {
    const source = functionSource(this.options.functionName, qualifierOf(arn), version);
    this.put(
      {
        Invocations: [1, 'Count'],
        Errors: [hasFailed ? 1 : 0, 'Count'],
        Throttles: [0, 'Count'],
        Duration: [durationMs, 'Milliseconds'],
        ConcurrentExecutions: [concurrency, 'Count'],
      },
      beganAtMs,
      source,
    );
  }

  throttled(): void {
    this.count('Throttles');
  }

  /** Of a batch of a stream, as old as its last record is when the function is called. */
  sent(iteratorAgeMs: number): void {
    this.put({ IteratorAge: [iteratorAgeMs, 'Milliseconds'] });
  }

  count(
    name:
      | 'Throttles'
      | 'AsyncEventsReceived'
      | 'AsyncEventsDropped'
      | 'DestinationDeliveryFailures'
      | 'DeadLetterErrors',
  ): void {
    this.put({ [name]: [1, 'Count'] });
  }

  private put(metrics: MetricValues, timestampMs = this.options.clock.now(), source = this.source): void {
    putMetrics(this.options.metrics, source, timestampMs, metrics);
  }
}
