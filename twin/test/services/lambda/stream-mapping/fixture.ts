// A shard of a mapping on records given by hand and a function that a test plays. The clock goes on by itself, so that
// nothing waits for a pause: each wait is as short as a timer can be.

import type { Clock } from '../../../../src/core/clock.ts';
import { createClock } from '../../../../src/core/clock.ts';
import { FunctionFailed } from '../../../../src/core/invocation.ts';
import type { DeliveryFaults } from '../../../../src/faults/delivery-faults.ts';
import type { MappingMeter } from '../../../../src/services/lambda/mapping-metrics.ts';
import type { Reason } from '../../../../src/services/lambda/stream-mapping/failure-record.ts';
import type { StreamRecord } from '../../../../src/services/lambda/stream-mapping/kinesis-event.ts';
import type { MappingSettings } from '../../../../src/services/lambda/stream-mapping/mapping-settings.ts';
import { Shard, type ShardOptions } from '../../../../src/services/lambda/stream-mapping/shard.ts';
import { functionArn } from '../../../fixture.ts';

export type Batch = readonly string[];

export const settings: MappingSettings = {
  id: 'Mapping',
  uuid: 'mapping',
  isEnabled: true,
  countsEvents: true,
  kind: 'stream',
  functionArn: functionArn('weir-dev-consume'),
  functionName: 'weir-dev-consume',
  roleArn: 'arn:aws:iam::000000000000:role/consume',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
  streamName: 'events',
  batchSize: 3,
  windowMs: 0,
  parallelizationFactor: 1,
  reportsItemFailures: true,
  retry: { bisects: false, maxRetries: Number.POSITIVE_INFINITY },
  maxAgeMs: Number.POSITIVE_INFINITY,
  onFailure: undefined,
};

export const record = (sequenceNumber: string, more: Partial<StreamRecord> = {}): StreamRecord => ({
  SequenceNumber: sequenceNumber,
  PartitionKey: 'key',
  Data: 'AAAA',
  ApproximateArrivalTimestamp: 1.5,
  ...more,
});
export const records = (...numbers: readonly string[]) => numbers.map((number) => record(number));

export const failed = (message = 'boom') =>
  new FunctionFailed('consume', { errorType: 'Error', errorMessage: message, trace: [] });

export const sequenceNumbersOf = (event: unknown): Batch =>
  (event as { Records: { kinesis: { sequenceNumber: string } }[] }).Records.map(
    ({ kinesis }) => kinesis.sequenceNumber,
  );

/** The machine's clock, but every wait is over at once, and its length is told. */
export function hurriedClock(): Clock & { readonly waited: number[] } {
  const clock = createClock();
  const waited: number[] = [];
  return Object.assign(Object.create(clock) as Clock, {
    waited,
    after: (durationMs: number, listener: () => void) => {
      const timer = setTimeout(() => {
        waited.push(durationMs);
        clock.moveBy(durationMs);
        listener();
      }, 1);
      return () => clearTimeout(timer);
    },
  });
}

export type ShardRun = {
  readonly batches: Batch[];
  readonly events: unknown[];
  readonly checkpoints: string[];
  readonly discarded: { readonly batch: Batch; readonly reason: Reason; readonly invocations: number }[];
  readonly reports: string[];
};

/** A shard that is still open, with a function that takes everything, unless `options` say otherwise. */
export const openShard = (options: Partial<ShardOptions>): Shard =>
  new Shard({
    settings,
    functionLabel: 'consume',
    shardId: 'shardId-000000000000',
    read: async () => [],
    checkpoint: undefined,
    keepCheckpoint: async () => undefined,
    functions: { invoke: async () => undefined },
    faults: { isStopped: () => false, deliveries: () => 'once' },
    clock: createClock(),
    maxAgeMs: () => Number.POSITIVE_INFINITY,
    discard: async () => true,
    count: () => undefined,
    meter: { events: () => undefined, sent: () => undefined, deliveryFailed: () => undefined },
    isPaused: () => false,
    report: () => undefined,
    signal: new AbortController().signal,
    parallelizationFactor: () => settings.parallelizationFactor,
    ...options,
  });

/** Runs a shard that was closed after `held`, to its end; `answer` plays the function. */
export async function runShard(
  held: readonly StreamRecord[],
  answer: (batch: Batch, attempt: number) => unknown,
  changes: Partial<MappingSettings> = {},
  around: {
    readonly clock?: Clock;
    readonly faults?: Partial<DeliveryFaults>;
    readonly stop?: AbortSignal;
    readonly meter?: MappingMeter;
  } = {},
): Promise<ShardRun> {
  const run: ShardRun = { batches: [], events: [], checkpoints: [], discarded: [], reports: [] };
  const mapping = { ...settings, ...changes };
  let position = 0;
  const shard = openShard({
    settings: mapping,
    parallelizationFactor: () => mapping.parallelizationFactor,
    read: async (limit, isClosed) => {
      const next = held.slice(position, position + limit);
      position += next.length;
      return next.length === 0 && isClosed ? undefined : next;
    },
    keepCheckpoint: async (sequenceNumber) => {
      run.checkpoints.push(sequenceNumber);
    },
    functions: {
      invoke: async (_arn, event) => {
        const batch = sequenceNumbersOf(event);
        run.batches.push(batch);
        run.events.push(event);
        return answer(batch, run.batches.length);
      },
    },
    faults: { isStopped: () => false, deliveries: () => 'once', ...around.faults },
    clock: around.clock ?? hurriedClock(),
    maxAgeMs: () => mapping.maxAgeMs,
    discard: async ({ records: given, invocations }, reason) => {
      run.discarded.push({ batch: given.map(({ SequenceNumber }) => SequenceNumber), reason, invocations });
      return true;
    },
    report: (problem) => run.reports.push(problem),
    ...(around.meter && { meter: around.meter }),
    ...(around.stop && { signal: around.stop }),
  });
  shard.close();
  await shard.run();
  return run;
}
