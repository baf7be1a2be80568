// Packs a validated batch, and makes the ids of events that came without one. An id says in which record its event is, so
// it is made as the record is packed.

import type { AssignedId, ValidatedBatch } from '../event/batch.ts';
import { digestOf } from '../event/digest.ts';
import type { AcceptedEvent } from '../event/event.ts';
import type { Tenant } from '../keys.ts';
import type { NumberedKey } from '../signing/signing-secrets.ts';
import { type BatchSeed, receivedAtOf } from './batch-id.ts';
import { makeEventId } from './made-id.ts';
import { type Pack, packEvents } from './packing.ts';

export type PackProps = {
  readonly tenant: Tenant;
  readonly seed: BatchSeed;
  readonly slot: number;
  readonly retentionDays: number;
  readonly key: NumberedKey;
};

export type PackedBatch = {
  readonly packs: readonly Pack[];
  /** The event ids that were made, in the order of the request. */
  readonly assigned: readonly AssignedId[];
};

export function packBatch(
  { accepted, indexes }: Pick<ValidatedBatch, 'accepted' | 'indexes'>,
  { tenant, key, ...place }: PackProps,
): PackedBatch {
  const assigned = new Map<AcceptedEvent, string>();
  const withId = (event: AcceptedEvent, part: number, index: number): AcceptedEvent => {
    if (!event.made?.includes('event_id')) return event;
    const { timestamp } = event;
    const event_id = makeEventId({ ...place, part, index, timestamp }, digestOf(event), tenant, key);
    assigned.set(event, event_id);
    return { ...event, event_id };
  };
  const packs = packEvents(accepted, receivedAtOf(place.seed), { withId });
  return {
    packs,
    assigned: accepted.flatMap((event, at) => {
      const event_id = assigned.get(event);
      return event_id === undefined ? [] : [{ index: indexes[at] ?? 0, event_id }];
    }),
  };
}
