// Calls of Segment's tracking API, which RudderStack and others speak too, as events of Weir. Everything that has no field of
// its own goes to the metadata, under its own name.

import { Unusable } from '../event/unusable.ts';
import { isValue } from '../event/value.ts';
import { toEventId } from './event-id.ts';

export const segmentCalls = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type SegmentCall = (typeof segmentCalls)[number];

/** Of a batch. RudderStack's client sends 20 calls of 32 KiB at once, and ends its process if they are refused. */
export const mostSegmentBytes = 768 * 1024;

/** The client for browsers posts a call to the first letter of its name. */
export const letterOf = (call: SegmentCall) => call.charAt(0) as FirstLetter<SegmentCall>;
export type FirstLetter<Name extends string> = Name extends `${infer Letter}${string}` ? Letter : never;

type Json = Readonly<Record<string, unknown>>;

/**
 * Undefined if it is no batch. Of one with more than `most` calls, one more is translated: enough to refuse it. Shared context
 * of a batch is not copied to each of its calls.
 */
export function eventsOfBatch(document: unknown, most: number): readonly unknown[] | undefined {
  const { batch, sentAt } = objectOf(document);
  if (!Array.isArray(batch)) return undefined;
  return batch.slice(0, most + 1).map((call) => eventOfCall(call, objectOf(call).type, sentAt));
}

export const eventOfSingle = (document: unknown, call: SegmentCall): unknown => eventOfCall(document, call);

function eventOfCall(sent: unknown, call: unknown, batchSentAt?: unknown): unknown {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent;
  // What libraries say of themselves and of their plug-ins, and the key, are not kept.
  const { type: named, writeKey: _, integrations: __, _metadata: ___, ...fields } = sent as Json;
  const unusable = (code: Unusable['code'], field: string, message: string) =>
    new Unusable({ code, field, message, sent: { type: named, ...fields } });
  if (call === undefined) return unusable('missing_field', 'type', 'type is required in a batch.');
  if (!segmentCalls.some((each) => each === call))
    return unusable('invalid_field', 'type', `type must be one of ${segmentCalls.join(', ')}.`);
  const { messageId, timestamp, originalTimestamp, sentAt, event, userId, ...others } = fields;
  const isTrack = call === 'track';
  if (isTrack && !isText(event))
    return unusable('missing_field', 'event', 'event is required: it names what is tracked.');
  const id = textOf(messageId);
  // Taken without its id, it would count again whenever it is sent again.
  if (id === '' && messageId != null && messageId !== '')
    return unusable('invalid_field', 'messageId', 'messageId must be a text.');
  const known = textOf(userId);
  const user = known === '' ? textOf(others.anonymousId) : known;
  const isUserShort = [...user].length <= longestUser;
  const isUserKept = known !== '' && isUserShort;
  const service = textOf(objectOf(objectOf(others.context).app).name);
  const { revenue, value } = objectOf(others.properties);
  const happened = timestamp ?? originalTimestamp;
  const sentTime = sentAt ?? batchSentAt;
  return {
    ...(id !== '' && { event_id: toEventId(id) }),
    type: isTrack ? event : call,
    ...(user !== '' && isUserShort && { user_id: user }),
    ...(service !== '' && [...service].length <= longestService && { service }),
    ...(happened != null && { timestamp: happened }),
    ...(sentTime != null && { sent_at: sentTime }),
    ...(isValue(revenue ?? value) && { value: revenue ?? value }),
    metadata: {
      ...others,
      ...(!isTrack && event !== undefined && { event }),
      ...(!isUserKept && userId != null && { userId }),
    },
  };
}

const longestUser = 255;
const longestService = 128;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
/** Some libraries send a user's id as a number. */
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : '';

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
