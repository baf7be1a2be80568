// A batch: the events of one request, validated together. At most 500 events. Of two events with one id, the first
// counts.

import type { AppliedPolicy } from '../personal-data/personal-data.ts';
import { hidePersonalData } from '../personal-data/redaction.ts';
import { type AcceptedEvent, type Rejection, validateEvent } from './event.ts';

export const maxBatchEvents = 500;
export const maxBatchBytes = 512 * 1024;

export type RejectedEvent = Rejection & { readonly index: number; readonly event_id?: string };
/** An event id that Weir made, by position in the request. */
export type AssignedId = { readonly index: number; readonly event_id: string };

export type ValidatedBatch = {
  /** Events that came without an id have an empty one: it is made when they are packed. */
  readonly accepted: readonly AcceptedEvent[];
  /** The position in the request of each accepted event. */
  readonly indexes: readonly number[];
  readonly rejected: readonly RejectedEvent[];
};

export type BatchContext = {
  readonly account: string;
  readonly receivedAtMs: number;
  readonly policy?: AppliedPolicy;
};

export function validateBatch(inputs: readonly unknown[], context: BatchContext): ValidatedBatch {
  const accepted: AcceptedEvent[] = [];
  const rejected: RejectedEvent[] = [];
  const indexes: number[] = [];
  const seen = new Set<string>();
  inputs.forEach((input, index) => {
    const validated = validateEvent(input, context);
    if (!validated.ok) {
      rejected.push({ index, ...echoId(input), ...validated.rejection });
      return;
    }
    const allowed = context.policy?.(validated.event) ?? validated;
    if (!allowed.ok) {
      rejected.push({ index, ...echoId(input), ...forbidden(allowed.field) });
      return;
    }
    const { event } = allowed;
    const isNamed = !event.made?.includes('event_id');
    if (isNamed && seen.has(event.event_id)) {
      rejected.push({
        index,
        event_id: event.event_id,
        code: 'duplicate_in_batch',
        field: 'event_id',
        message: 'An earlier event of this batch has the same event_id; the first one counts.',
      });
      return;
    }
    if (isNamed) seen.add(event.event_id);
    accepted.push(event);
    indexes.push(index);
  });
  return { accepted, indexes, rejected: context.policy ? rejected.map(withoutPersonalData) : rejected };
}

/** An answer names what the client sent, and an account that forbids personal data wants none there either. */
const withoutPersonalData = (event: RejectedEvent): RejectedEvent => ({
  ...event,
  message: hidePersonalData(event.message),
  ...(event.event_id === undefined ? {} : { event_id: hidePersonalData(event.event_id) }),
  ...(event.field === undefined ? {} : { field: hidePersonalData(event.field) }),
});

/** Names the field, and not its value. */
const forbidden = (field: string): Rejection => ({
  code: 'forbidden_personal_data',
  field,
  message: 'Personal data that the policy of this account forbids. Leave it out.',
});

/** Echoes an id only if it is no longer than an event id. */
function echoId(input: unknown): { event_id?: string } {
  const id = (input as { event_id?: unknown } | null)?.event_id;
  return typeof id === 'string' && id.length <= 128 ? { event_id: id } : {};
}
