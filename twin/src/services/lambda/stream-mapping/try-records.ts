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
  let executedVersion: string | undefined;
  const onVersion = (version: string) => {
    executedVersion = version;
  };
  try {
    const answer = await functions.invoke(settings.functionArn, event, { requestId, onVersion });
    const outcome = settings.reportsItemFailures ? read(answer, records) : succeeded;
    return 'reason' in outcome ? { ...outcome, executedVersion } : outcome;
  } catch (error) {
    const reason = (error as Error).message;
    return error instanceof TooManyRequests
      ? { kind: 'not-invoked', reason }
      : { kind: 'failed', reason, executedVersion };
  }
}

/** The outcome of two tries of the same records: that by which fewer of them are done. */
export function worse(one: Outcome, other: Outcome): Outcome {
  const order = ['succeeded', 'partly-failed', 'not-invoked', 'failed'];
  if (one.kind === 'partly-failed' && other.kind === 'partly-failed')
    return one.firstFailed <= other.firstFailed ? one : other;
  return order.indexOf(one.kind) >= order.indexOf(other.kind) ? one : other;
}

function read(answer: unknown, records: readonly StreamRecord[]): Exclude<Outcome, { kind: 'not-invoked' }> {
  const failures = isJsonRecord(answer) ? (answer.batchItemFailures ?? []) : [];
  if (!Array.isArray(failures)) return unknownItem;
  if (failures.length === 0) return succeeded;
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

const succeeded = { kind: 'succeeded' } as const;

const unknownItem = {
  kind: 'failed',
  reason: 'a batch item failure names no record of the batch',
} as const;
