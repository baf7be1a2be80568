// The records of a history: few accounts and few ids, so that they collide. They are sealed as ingest seals them.

import { guardMs } from '../../domain/counting/receipt.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { Lane, Tenant } from '../../domain/keys.ts';
import { makeSeed } from '../../domain/record/batch-id.ts';
import { encodeBody, encodeEnvelope } from '../../domain/record/envelope.ts';
import { makeEventId } from '../../domain/record/made-id.ts';
import { type RecordId, type RecordName, recordId, recordName } from '../../domain/record/record-id.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { seededRandom } from '../support/clock.ts';
import { nowMs } from '../support/events.ts';
import { eventIdOf } from './event-ids.ts';

/**
 * `plain` and `large` records can be stored; a large one has a delta that is too large for a plain receipt. Others have a damaged body or a damaged header, or make our code throw at once, when
 * their pages are written, or when they are counted, or crash the function that writes their pages. The last three can be
 * stored once our code is mended.
 */
export const kinds = [
  'plain',
  'large',
  'undecodable',
  'unreadable',
  'no event',
  'fails at pages',
  'fails at counting',
  'ends the function',
] as const;
export type Kind = (typeof kinds)[number];

export type RecordPlan = {
  readonly tenant: number;
  readonly kind: Kind;
  /** The ids of its events. */
  readonly ids: readonly number[];
  /** A bit for each event with other content than usual. */
  readonly others: number;
  readonly retentionDays: number;
  readonly slot: number;
  readonly isLate: boolean;
  readonly isDoubled: boolean;
  /** How many events come without an id. */
  readonly made: number;
  /** A bit for each of the last made ids of its account that it sends back. */
  readonly back: number;
};

/** Of those that it may send back. */
const mostBack = 3;

export const tenants: readonly Tenant[] = [
  { account: 'acme', environment: 'production', generation: 0 },
  { account: 'zeta', environment: 'production', generation: 0 },
];

export const slots = [0, 1] as const;

export const modelKey = { number: 1, secret: Buffer.alloc(32, 7) };

/** Eight events of one second fill a page; seven do not. */
export const denseIds = [0, 1, 4, 5, 6, 7, 8, 9];
/** How many hours ago. */
const hours = [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 26];
const hourOf = (id: number, isOther: boolean): number =>
  isOther ? ((hours[id] ?? 0) + 1) % 3 : (hours[id] ?? 0);

/** Such a name cannot be compressed to what a plain receipt may hold. */
const longName = Buffer.from(seededRandom().bytes(33_500)).toString('base64');

const eventOf = (id: number, isOther: boolean, user = `user-${id % 2}`): AcceptedEvent => ({
  event_id: eventIdOf(id),
  type: isOther ? 'other' : `type-${id % 2}`,
  ...(id % 3 > 0 && { service: `service-${id % 3}` }),
  user_id: user,
  timestamp: nowMs - hourOf(id, isOther) * hourMs,
});

export type AcceptedRecord = {
  readonly plan: RecordPlan;
  readonly tenant: Tenant;
  readonly lane: Lane;
  readonly name: RecordName;
  readonly record: RecordId;
  readonly events: readonly AcceptedEvent[];
  readonly receivedAtMs: number;
  readonly untilMs: number;
  readonly guardsUntilMs: number;
  readonly data: Uint8Array;
  /** As an event of the stream carries it. */
  readonly base64: string;
};

/** Many histories have the same records, and to seal one takes as long as to store it. */
const sealed = new Map<string, AcceptedRecord>();
const mostSealed = 5_000;

/** `before`: the records of its account that were accepted before. Records of the other account have the same ids. */
export function acceptRecord(
  plan: RecordPlan,
  before: readonly AcceptedRecord[],
  receivedAtMs: number,
  copy = '',
): AcceptedRecord {
  const sentBack = sendBack(before, plan);
  const name = JSON.stringify([plan, before.length, receivedAtMs, copy, sentBack]);
  const record = sealed.get(name) ?? sealRecord(plan, sentBack, before.length, receivedAtMs, copy);
  if (sealed.size >= mostSealed) sealed.clear();
  sealed.set(name, record);
  return record;
}

function sealRecord(
  plan: RecordPlan,
  back: readonly AcceptedEvent[],
  number: number,
  receivedAtMs: number,
  copy: string,
): AcceptedRecord {
  const tenant = tenants[plan.tenant % tenants.length] as Tenant;
  // Not in the order of acceptance, because random bytes follow the time.
  const order = (number * 7) % 10;
  const seed = makeSeed(receivedAtMs, Buffer.from(`${order}${number}${copy}`.padEnd(9, '-')));
  const batchId = Buffer.from(seed).toString('base64url');
  const part = number & 1;
  const record = recordId(batchId, part);
  const isOther = (place: number) => (plan.others & (1 << place)) !== 0;
  const user = plan.kind === 'large' ? longName : undefined;
  const named = plan.ids.map((id, place) => eventOf(id, isOther(place), user));

  const sentBack = back.map((event, place) => (isOther(place) ? { ...event, type: 'other' } : event));
  const place = { seed, part, slot: plan.slot, retentionDays: plan.retentionDays };
  const made = Array.from({ length: plan.kind === 'unreadable' ? 0 : plan.made }, (_, at): AcceptedEvent => {
    const timestamp = receivedAtMs - (plan.isLate ? 25 + at : at) * hourMs;
    const event: AcceptedEvent = {
      ...eventOf(at, false, user),
      event_id: '',
      timestamp,
      made: ['event_id'],
    };
    const index = named.length + sentBack.length + at;
    return {
      ...event,
      event_id: makeEventId({ ...place, index, timestamp }, digestOf(event), tenant, modelKey),
    };
  });
  const events = [...named, ...sentBack, ...made];
  const untilMs = receivedAtMs + plan.retentionDays * dayMs;
  const head = {
    tenant,
    batchId,
    part,
    parts: 2,
    slot: plan.slot,
    late: plan.isLate,
    kind: 'events',
    layout: 1,
    receivedAtMs,
    retentionDays: plan.retentionDays,
    region: 'us-east-1',
    requestId: `request-${record}`,
  } as const;
  const body = plan.kind === 'no event' ? [...events.slice(1), null as unknown as AcceptedEvent] : events;
  const data = damage(plan.kind, encodeEnvelope(head, encodeBody(body)));
  return {
    plan,
    tenant,
    lane: { tenant, slot: plan.slot, late: plan.isLate },
    name: recordName(tenant, record),
    record,
    events,
    receivedAtMs,
    untilMs,
    guardsUntilMs: untilMs + guardMs,
    data,
    base64: Buffer.from(data).toString('base64'),
  };
}

/** As a client sends back what it was told: without saying that the id was made here. */
function sendBack(before: readonly AcceptedRecord[], { back }: RecordPlan): AcceptedEvent[] {
  const made = before.flatMap(({ events }) => events.filter(isMadeHere)).slice(-mostBack);
  return made.filter((_, place) => (back & (1 << place)) !== 0).map(({ made: _, ...event }) => event);
}

export const isMadeHere = ({ made }: AcceptedEvent): boolean => made?.includes('event_id') === true;

function damage(kind: Kind, data: Uint8Array): Uint8Array {
  if (kind === 'unreadable') return Buffer.from('no envelope');
  return kind === 'undecodable' ? data.subarray(0, -1) : data;
}

/** Whether a try of the record gets as far as claiming ids. */
export const canClaim = ({ plan: { kind } }: AcceptedRecord): boolean =>
  kind !== 'undecodable' && kind !== 'unreadable' && kind !== 'no event';

export const describeRecord = ({ plan, name, events }: AcceptedRecord): string =>
  `${name} (${plan.kind}, slot ${plan.slot}${plan.isLate ? ' late' : ''}${plan.isDoubled ? ', twice' : ''}, ${plan.retentionDays} d: ` +
  `${events.map(({ event_id, type }) => (type === 'other' ? `${event_id}'` : event_id)).join(' ')})`;
