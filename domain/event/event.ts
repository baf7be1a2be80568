// One event: what a client may send, and what it becomes. Validation is a function of the event, the caller's
// account and the time of receipt, and nothing else.

import * as z from 'zod/mini';
import { $ZodObjectJIT } from 'zod/v4/core';
import { noName, otherName } from '../documents/names.ts';
import { secondMs } from '../system/time.ts';
import { eventIdPattern } from './event-id.ts';
import { faultOfMetadata, isMetadata, type Metadata } from './metadata.ts';
import { newestMs, oldestMs } from './time-bounds.ts';
import { isTimestamp, millisecondsOf, type Timestamp } from './timestamp.ts';
import { Unusable } from './unusable.ts';
import { isValue, valueError } from './value.ts';

/**
 * Spaces within, `$`, every script and emoji. No controls, line separators, or characters that are not seen, with which one
 * type could look like another; the two joiners aside, which some scripts and emoji need.
 */
const typePattern = /^(?=.*\S)(?:[^\p{Cc}\p{Cf}\p{Surrogate}\p{Zl}\p{Zp}]|[\u200c\u200d]){1,200}$/u;

/** Half a surrogate pair has no UTF-8, so whoever reads it would read something else. */
function text(maxLength: number) {
  const error = `must be a text of 1-${maxLength} characters`;
  return z.string(error).check(
    z.regex(new RegExp(`^\\P{Surrogate}{1,${maxLength}}$`, 'u'), {
      error: ({ input }) =>
        String(input).isWellFormed()
          ? error
          : 'holds half of a surrogate pair (\\ud800 to \\udfff), which is no text',
    }),
  );
}

const eventIdError = 'must be 1-128 printable ASCII characters without space and / \\ % # ?';
const typeError = 'must be a text of 1-200 printable characters';

/** What answers call the names past their cap, and events without a name. */
const reservedNames: ReadonlySet<string> = new Set([otherName, noName]);
const nameError = 'must not be (other) or (none), which stand for others in answers';
const isFreeName = (name: string): boolean => !reservedNames.has(name);

const instant = z.custom<Timestamp>(
  isTimestamp,
  'must be RFC 3339 with an offset, or integer epoch milliseconds',
);

export const eventObject = z.strictObject({
  event_id: z.optional(z.string(eventIdError).check(z.regex(eventIdPattern, eventIdError))),
  account_id: z.optional(z.string('must be a text')),
  type: z.string(typeError).check(z.regex(typePattern, typeError), z.refine(isFreeName, nameError)),
  user_id: z.optional(text(255)),
  service: z.optional(text(128).check(z.refine(isFreeName, nameError))),
  timestamp: z.optional(instant),
  sent_at: z.optional(instant),
  value: z.optional(z.custom<number>(isValue, valueError)),
  metadata: z.optional(z.custom<Metadata>(isMetadata, 'must be a JSON object')),
});

/**
 * zod/mini interprets an object. Compiled, as `zod` has it, each event takes a fifth less time. It has no methods:
 * `z.safeParse` reads it.
 */
const eventSchema = new $ZodObjectJIT(eventObject.def) as typeof eventObject;

const fields: ReadonlySet<string> = new Set(Object.keys(eventObject.shape));

/** What the server added because the client did not say it, or corrected: never part of an event's digest. */
export type MadeField = 'event_id' | 'timestamp';

/** A validated event as it travels and rests; `timestamp` is in milliseconds. */
export type AcceptedEvent = {
  readonly event_id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly user_id?: string;
  readonly service?: string;
  /** Summed by type and service. */
  readonly value?: number;
  readonly metadata?: Metadata;
  readonly made?: readonly MadeField[];
};

export const rejectionCodes = [
  'not_an_object',
  'missing_field',
  'unknown_field',
  'invalid_field',
  'metadata_too_large',
  'timestamp_out_of_range',
  'wrong_account',
  'forbidden_personal_data',
  'duplicate_in_batch',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

export type Rejection = {
  readonly code: RejectionCode;
  readonly field?: string;
  readonly message: string;
};

export type EventContext = {
  readonly account: string;
  readonly receivedAtMs: number;
  /** By how much the clock of the client is behind, if it is known for the whole batch. */
  readonly skewMs?: number;
};

export type ValidatedEvent =
  | { readonly ok: true; readonly event: AcceptedEvent }
  | { readonly ok: false; readonly rejection: Rejection };

const refuse = (code: RejectionCode, message: string, field?: string): ValidatedEvent => ({
  ok: false,
  rejection: { code, ...(field === undefined ? {} : { field }), message },
});

export function validateEvent(input: unknown, context: EventContext): ValidatedEvent {
  if (input instanceof Unusable) return refuse(input.code, input.message, input.field);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse('not_an_object', 'An event is a JSON object; in NDJSON, one a line.');
  }
  // Before the schema, which would collect each name that is unknown, and a body may hold 50,000.
  const names = Object.keys(input);
  if (names.length > fields.size) return refuseUnknown(names.find((name) => !fields.has(name)));
  const parsed = z.safeParse(eventSchema, input);
  if (!parsed.success) return refuseIssue(parsed.error.issues[0], input);
  const wire = parsed.data;
  if (wire.account_id !== undefined && wire.account_id !== context.account) {
    return refuse('wrong_account', 'account_id is not the account of the key; leave it out.', 'account_id');
  }
  const fault = wire.metadata && faultOfMetadata(wire.metadata);
  if (fault) return refuse(fault.code, fault.message, 'metadata');
  const { timestamp, isMade } = timestampOf(wire, context);
  const ageMs = context.receivedAtMs - timestamp;
  if (!(ageMs <= oldestMs && ageMs >= -newestMs)) {
    return refuse(
      'timestamp_out_of_range',
      'timestamp must be from 30 days back to 10 minutes ahead of now; as a number it counts milliseconds.',
      'timestamp',
    );
  }
  const made: MadeField[] = [];
  if (wire.event_id === undefined) made.push('event_id');
  if (isMade) made.push('timestamp');
  return {
    ok: true,
    event: {
      event_id: wire.event_id ?? '',
      type: wire.type,
      timestamp,
      ...(wire.user_id === undefined ? {} : { user_id: wire.user_id }),
      ...(wire.service === undefined ? {} : { service: wire.service }),
      ...(wire.value === undefined ? {} : { value: wire.value }),
      ...(wire.metadata === undefined ? {} : { metadata: wire.metadata }),
      ...(made.length === 0 ? {} : { made }),
    },
  };
}

/** What a request may take to arrive. Within it a clock counts as right, and its timestamps stay as they are. */
const toleratedSkewMs = 10 * secondMs;

/**
 * With `sent_at`, a client says what its clock shows, so that a wrong clock can be corrected. A resend says another time and
 * may be corrected otherwise, and is the same event.
 */
function timestampOf(
  { timestamp, sent_at }: { readonly timestamp?: Timestamp; readonly sent_at?: Timestamp },
  { receivedAtMs, skewMs: skewOfBatchMs }: EventContext,
): { readonly timestamp: number; readonly isMade: boolean } {
  if (timestamp === undefined) return { timestamp: receivedAtMs, isMade: true };
  const givenMs = millisecondsOf(timestamp);
  const skewMs = sent_at === undefined ? skewOfBatchMs : receivedAtMs - millisecondsOf(sent_at);
  if (skewMs === undefined) return { timestamp: givenMs, isMade: false };
  const isRight = Math.abs(skewMs) <= toleratedSkewMs;
  return { timestamp: isRight ? givenMs : givenMs + skewMs, isMade: true };
}

function refuseUnknown(name = ''): ValidatedEvent {
  const field = name.slice(0, 64);
  return refuse('unknown_field', `${JSON.stringify(field)} is not a field of an event.`, field);
}

function refuseIssue(issue: z.core.$ZodIssue | undefined, input: object): ValidatedEvent {
  if (issue?.code === 'unrecognized_keys') {
    return refuseUnknown(issue.keys[0]);
  }
  const field = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(input, field)) return refuse('missing_field', `${field} is required.`, field);
  return refuse('invalid_field', `${field}: ${issue?.message ?? 'is not valid'}`, field);
}
