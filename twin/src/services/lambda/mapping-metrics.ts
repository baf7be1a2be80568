// What Lambda measures of an event source mapping whose template asks for `EventCount`. An empty poll counts as 0: that
// there are no data means that nobody polls.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics

import type { Clock } from '../../core/clock.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import { putMetrics } from '../../core/put-metrics.ts';
import type { Resource } from '../../template/template.ts';
import { FunctionMetrics } from './function-metrics.ts';

export type EventCountName =
  | 'PolledEventCount'
  | 'FilteredOutEventCount'
  | 'InvokedEventCount'
  | 'FailedInvokeEventCount'
  | 'DroppedEventCount'
  | 'OnFailureDestinationDeliveredEventCount'
  | 'DeletedEventCount';

export type MappingMeter = {
  events(name: EventCountName, count: number): void;
  /** A batch of a stream was sent to the function. */
  sent(iteratorAgeMs: number): void;
  deliveryFailed(): void;
};

/** How a mapping is told apart, and what it is asked to do. */
export type MappingIdentity = {
  /** Its logical id. */
  readonly id: string;
  readonly uuid: string;
  /** As the template has it. */
  readonly isEnabled: boolean;
  readonly countsEvents: boolean;
};

export function readMappingIdentity({ logicalId, reference, properties }: Resource): MappingIdentity {
  const { Enabled, MetricsConfig } = properties;
  const { Metrics = [] } = (MetricsConfig ?? {}) as { readonly Metrics?: readonly string[] };
  return {
    id: logicalId,
    uuid: reference,
    isEnabled: Enabled !== false,
    countsEvents: Metrics.includes('EventCount'),
  };
}

export function createMappingMeter(
  { uuid, countsEvents }: Pick<MappingIdentity, 'uuid' | 'countsEvents'>,
  options: {
    readonly functionName: string;
    readonly metrics: MetricSink;
    readonly clock: Pick<Clock, 'now'>;
  },
): MappingMeter {
  const { metrics, clock } = options;
  const ofFunction = new FunctionMetrics(options);
  const source = { namespace: 'AWS/Lambda', dimensionSets: [{ EventSourceMappingUUID: uuid }] };
  return {
    events: (name, count) => {
      if (countsEvents) putMetrics(metrics, source, clock.now(), { [name]: [count, 'Count'] });
    },
    sent: (iteratorAgeMs) => ofFunction.sent(iteratorAgeMs),
    deliveryFailed: () => ofFunction.count('DestinationDeliveryFailures'),
  };
}
