// What Lambda sends about records that it discarded.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

import { recordKey } from '../record-key.ts';
import type { MappingSettings } from './mapping-settings.ts';
import type { Outcome, Work } from './next-steps.ts';
import { recordEvent } from './record-event.ts';

export type FailureRecord = {
  readonly objectKey: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The whole event of the invocation, as JSON. */
  readonly payload: string;
};

export type Reason = {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** The last try, where there was one: its request, and its outcome. */
  readonly requestId: string;
  readonly outcome: Outcome | undefined;
};

export function failureRecord(
  settings: MappingSettings,
  shardId: string,
  { records, invocations }: Work,
  { condition, requestId, outcome }: Reason,
  nowMs: number,
): FailureRecord {
  const time = new Date(nowMs).toISOString();
  const [first, last] = [records[0], records.at(-1)];
  const arrival = (record: typeof first) =>
    new Date((record?.ApproximateArrivalTimestamp ?? 0) * 1000).toISOString();
  return {
    objectKey: recordKey(`aws/lambda/${settings.id}/${shardId}`, nowMs),
    metadata: {
      requestContext: {
        requestId,
        functionArn: settings.functionArn,
        condition,
        // What was never tried counts as one, too.
        approximateInvokeCount: Math.max(invocations, 1),
      },
      ...(outcome !== undefined && {
        responseContext: {
          statusCode: 200,
          executedVersion: 'executedVersion' in outcome ? outcome.executedVersion : undefined,
          // A batch that the function reported itself has no error.
          functionError: outcome.kind === 'failed' ? 'Unhandled' : null,
        },
      }),
      version: '1.0',
      timestamp: time,
      [settings.kind === 'table' ? 'DDBStreamBatchInfo' : 'KinesisBatchInfo']: {
        shardId,
        startSequenceNumber: first?.SequenceNumber,
        endSequenceNumber: last?.SequenceNumber,
        approximateArrivalOfFirstRecord: arrival(first),
        approximateArrivalOfLastRecord: arrival(last),
        batchSize: records.length,
        streamArn: settings.streamArn,
      },
    },
    payload: JSON.stringify(recordEvent(settings, shardId, records)),
  };
}
