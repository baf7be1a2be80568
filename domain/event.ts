// One event: what a client may send, and what it becomes. Validation is a function of the event, the caller's
// account and the time of receipt, and nothing else.

import * as z from 'zod';
import { dayMs, minuteMs } from './time.ts';

export const maxMetadataBytes = 16 * 1024;
export const maxMetadataDepth = 8;
export const oldestMs = 30 * dayMs;
export const newestMs = 10 * minuteMs;

/** Printable ASCII without the space and without `/ \ % # ?`, which would break paths and keys. */
const eventIdPattern = /^[!"$&-.0->@-[\]-~]{1,128}$/;
const typePattern = /^[A-Za-z0-9._:-]{1,64}$/;

const eventSchema = z.strictObject({
  event_id: z
    .string()
    .regex(eventIdPattern, 'must be 1-128 printable ASCII characters without space and / \\ % # ?')
    .optional(),
  account_id: z.string().optional(),
  type: z.string().regex(typePattern, 'must be 1-64 characters of A-Z a-z 0-9 . _ : -'),
  user_id: z.string().min(1).max(255).optional(),
  service: z.string().min(1).max(128).optional(),
  timestamp: z
    .union([z.int(), z.iso.datetime({ offset: true })], {
      error: 'must be RFC 3339 with an offset, or integer epoch milliseconds',
    })
    .optional(),
  metadata: z
    .custom<Record<string, unknown>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be a JSON object',
    )
    .optional(),
});

/** What the server added because the client did not say it: never part of an event's digest. */
export type MadeField = 'event_id' | 'timestamp';

/** A validated event as it travels and rests; `timestamp` is in milliseconds. */
export type AcceptedEvent = {
  readonly event_id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly user_id?: string;
  readonly service?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly made?: readonly MadeField[];
};

export type RejectionCode =
  | 'not_an_object'
  | 'missing_field'
  | 'unknown_field'
  | 'invalid_field'
  | 'metadata_too_large'
  | 'timestamp_out_of_range'
  | 'wrong_account'
  | 'duplicate_in_batch';

export type Rejection = {
  readonly code: RejectionCode;
  readonly field?: string;
  readonly message: string;
};

export type EventContext = {
  readonly account: string;
  readonly receivedAtMs: number;
  readonly makeEventId: () => string;
};

export type ValidatedEvent =
  | { readonly ok: true; readonly event: AcceptedEvent }
  | { readonly ok: false; readonly rejection: Rejection };

const refuse = (code: RejectionCode, message: string, field?: string): ValidatedEvent => ({
  ok: false,
  rejection: { code, ...(field === undefined ? {} : { field }), message },
});

export function validateEvent(input: unknown, context: EventContext): ValidatedEvent {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse('not_an_object', 'An event is a JSON object.');
  }
  const parsed = eventSchema.safeParse(input);
  if (!parsed.success) return refuseIssue(parsed.error.issues[0], input);
  const wire = parsed.data;
  if (wire.account_id !== undefined && wire.account_id !== context.account) {
    return refuse('wrong_account', 'account_id is not the account of the key; leave it out.', 'account_id');
  }
  const tooLarge = wire.metadata && metadataTooLarge(wire.metadata);
  if (tooLarge) return refuse('metadata_too_large', tooLarge, 'metadata');
  if (wire.metadata && !allFinite(wire.metadata)) {
    return refuse(
      'invalid_field',
      'metadata holds a number too large to be kept; send it as text.',
      'metadata',
    );
  }
  const timestamp =
    wire.timestamp === undefined
      ? context.receivedAtMs
      : typeof wire.timestamp === 'number'
        ? wire.timestamp
        : Date.parse(wire.timestamp);
  if (
    !Number.isFinite(timestamp) ||
    timestamp < context.receivedAtMs - oldestMs ||
    timestamp > context.receivedAtMs + newestMs
  ) {
    return refuse(
      'timestamp_out_of_range',
      'timestamp must be from 30 days back to 10 minutes ahead of now.',
      'timestamp',
    );
  }
  const made: MadeField[] = [];
  if (wire.event_id === undefined) made.push('event_id');
  if (wire.timestamp === undefined) made.push('timestamp');
  return {
    ok: true,
    event: {
      event_id: wire.event_id ?? context.makeEventId(),
      type: wire.type,
      timestamp,
      ...(wire.user_id === undefined ? {} : { user_id: wire.user_id }),
      ...(wire.service === undefined ? {} : { service: wire.service }),
      ...(wire.metadata === undefined ? {} : { metadata: wire.metadata }),
      ...(made.length === 0 ? {} : { made }),
    },
  };
}

function refuseIssue(issue: z.core.$ZodIssue | undefined, input: object): ValidatedEvent {
  if (issue?.code === 'unrecognized_keys') {
    const field = (issue.keys[0] ?? '').slice(0, 64);
    return refuse('unknown_field', `${JSON.stringify(field)} is not a field of an event.`, field);
  }
  const field = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(input, field)) return refuse('missing_field', `${field} is required.`, field);
  return refuse('invalid_field', `${field}: ${issue?.message ?? 'is not valid'}`, field);
}

function metadataTooLarge(metadata: Readonly<Record<string, unknown>>): string | undefined {
  if (depthOf(metadata) > maxMetadataDepth) return `metadata may nest ${maxMetadataDepth} levels.`;
  if (Buffer.byteLength(JSON.stringify(metadata)) > maxMetadataBytes) {
    return `metadata may hold ${maxMetadataBytes} bytes.`;
  }
  return undefined;
}

/** Stops one level past the limit, so that hostile nesting costs nothing. */
function depthOf(value: unknown, level = 0): number {
  if (typeof value !== 'object' || value === null) return level;
  if (level >= maxMetadataDepth) return level + 1;
  let deepest = level + 1;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, level + 1));
  return deepest;
}

/** JSON such as 1e400 is read as infinity, which would be stored as null: another value than was sent. */
function allFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(allFinite);
}
