// One try: the function is called with the records as Lambda would, and its answer read as Lambda would.
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html

import { type Invoker, TooManyRequests } from '../../../core/invocation.ts';
import { isJsonRecord } from '../../../core/json-record.ts';
import type { StreamRecord } from './kinesis-event.ts';
import type { MappingSettings } from './mapping-settings.ts';
import type { Outcome } from './next-steps.ts';
import { recordEvent } from './record-event.ts';

export async function tryRecords(
  functions: Invoker,
  settings: MappingSettings,
  shardId: string,
  records: readonly StreamRecord[],
  requestId: string,
): Promise<Outcome> {
  const event = recordEvent(settings, shardId, records);
  try {
    const answer = await functions.invoke(settings.functionArn, event, { requestId });
    return settings.reportsItemFailures ? read(answer, records) : { kind: 'succeeded' };
  } catch (error) {
    const reason = (error as Error).message;
    return { kind: error instanceof TooManyRequests ? 'not-invoked' : 'failed', reason };
  }
}

/** The outcome of two tries of the same records: that by which fewer of them are done. */
export function worse(one: Outcome, other: Outcome): Outcome {
  const order = ['succeeded', 'partly-failed', 'not-invoked', 'failed'];
  if (one.kind === 'partly-failed' && other.kind === 'partly-failed')
    return one.firstFailed <= other.firstFailed ? one : other;
  return order.indexOf(one.kind) >= order.indexOf(other.kind) ? one : other;
}

function read(answer: unknown, records: readonly StreamRecord[]): Outcome {
  const failures = isJsonRecord(answer) ? (answer.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) return unknownItem;
  if (failures.length === 0) return { kind: 'succeeded' };
  const indexes = failures.map((failure: unknown) => {
    const id = isJsonRecord(failure) ? failure.itemIdentifier : undefined;
    return records.findIndex(({ SequenceNumber }) => SequenceNumber === id);
  });
  // An identifier that is none of the batch fails the whole of it.
  if (indexes.includes(-1)) return unknownItem;
  return {
    kind: 'partly-failed',
    firstFailed: Math.min(...indexes),
    reason: `${failures.length} batch item failures`,
  };
}

const unknownItem: Outcome = {
  kind: 'failed',
  reason: 'a batch item failure names no record of the batch',
};
