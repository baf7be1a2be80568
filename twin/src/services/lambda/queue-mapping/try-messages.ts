// One try: the function is called with the messages as Lambda would, and its answer read as Lambda would.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

import type { Invoker } from '../../../core/invocation.ts';
import { isJsonRecord } from '../../../core/json-record.ts';
import { type QueueMessage, queueEvent } from './queue-event.ts';
import type { QueueMappingSettings } from './queue-mapping-settings.ts';

/** The ids of messages that are not done with, and why. */
export type Failed = { readonly ids: ReadonlySet<string>; readonly reason: string };

const none: Failed = { ids: new Set(), reason: '' };

export async function tryMessages(
  functions: Invoker,
  { functionArn, queueArn, reportsItemFailures }: QueueMappingSettings,
  messages: readonly QueueMessage[],
): Promise<Failed> {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  try {
    const answer = await functions.invoke(functionArn, queueEvent(queueArn, messages));
    return reportsItemFailures ? read(answer, all) : none;
  } catch (error) {
    return { ids: all, reason: (error as Error).message };
  }
}

/** What two tries of the same messages make together: a message that either of them failed comes back. */
export function together(one: Failed, other: Failed): Failed {
  return { ids: new Set([...one.ids, ...other.ids]), reason: one.reason || other.reason };
}

function read(answer: unknown, all: ReadonlySet<string>): Failed {
  const failures = isJsonRecord(answer) ? (answer.batchItemFailures ?? []) : [];
  const ids = Array.isArray(failures)
    ? failures.map((failure) => (isJsonRecord(failure) ? failure.itemIdentifier : undefined))
    : [undefined];
  const known = ids.filter((id): id is string => typeof id === 'string' && all.has(id));
  // An identifier that is none of the batch fails the whole of it.
  if (known.length < ids.length)
    return { ids: all, reason: 'a batch item failure names no message of the batch' };
  return { ids: new Set(known), reason: `${known.length} batch item failures` };
}
