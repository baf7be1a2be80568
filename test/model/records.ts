// The records of a history: few accounts and few ids, so that they collide. They are sealed as ingest seals them.

import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { Tenant } from '../../domain/keys.ts';
import { encodeBody, encodeEnvelope } from '../../domain/record/envelope.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import { guardMs } from '../../domain/storing/record-outcome.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { nowMs } from '../support/events.ts';

/**
 * `plain` records can be stored. Others have a damaged body or a damaged header, or make our code throw at once, when
 * their pages are written, or when they are counted, or crash the function that writes their pages. The last three can be
 * stored once our code is mended.
 */
export const kinds = [
  'plain',
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
  readonly isDoubled: boolean;
};

export const tenants: readonly Tenant[] = [
  { account: 'acme', environment: 'production', generation: 0 },
  { account: 'zeta', environment: 'production', generation: 0 },
];

export const slots = [0, 1] as const;

/** Eight events of one second fill a page; seven do not. */
export const denseIds = [0, 1, 4, 5, 6, 7, 8, 9];
const hourOf = (id: number, isOther: boolean): number =>
  ((id === 2 ? 1 : id === 3 ? 2 : 0) + Number(isOther)) % 3;

const eventOf = (id: number, isOther: boolean): AcceptedEvent => ({
  event_id: `e${id}`,
  type: isOther ? 'other' : `type-${id % 2}`,
  ...(id % 3 > 0 && { service: `service-${id % 3}` }),
  user_id: `user-${id % 2}`,
  timestamp: nowMs - hourOf(id, isOther) * hourMs,
});

export type AcceptedRecord = {
  readonly plan: RecordPlan;
  readonly tenant: Tenant;
  readonly name: RecordName;
  readonly record: RecordId;
  readonly events: readonly AcceptedEvent[];
  readonly receivedAtMs: number;
  readonly untilMs: number;
  readonly guardsUntilMs: number;
  readonly data: Uint8Array;
};

/** `index` counts the records of one account. Records of the other account have the same ids. */
export function acceptRecord(
  plan: RecordPlan,
  index: number,
  receivedAtMs: number,
  copy = '',
): AcceptedRecord {
  const tenant = tenants[plan.tenant % tenants.length] as Tenant;
  const batchId = `b${index >> 1}${copy}`;
  const part = index & 1;
  const record: RecordId = `${batchId}.${part}`;
  const events = plan.ids.map((id, place) => eventOf(id, (plan.others & (1 << place)) !== 0));
  const untilMs = receivedAtMs + plan.retentionDays * dayMs;
  const head = {
    tenant,
    batchId,
    part,
    parts: 2,
    slot: plan.slot,
    late: false,
    kind: 'events',
    layout: 1,
    receivedAtMs,
    retentionDays: plan.retentionDays,
    region: 'us-east-1',
    requestId: `request-${record}`,
  } as const;
  const body = plan.kind === 'no event' ? [...events.slice(1), null as unknown as AcceptedEvent] : events;
  return {
    plan,
    tenant,
    name: recordName(tenant, record),
    record,
    events,
    receivedAtMs,
    untilMs,
    guardsUntilMs: untilMs + guardMs,
    data: damage(plan.kind, encodeEnvelope(head, encodeBody(body))),
  };
}

function damage(kind: Kind, data: Uint8Array): Uint8Array {
  if (kind === 'unreadable') return Buffer.from('no envelope');
  return kind === 'undecodable' ? data.subarray(0, -1) : data;
}

/** Whether a try of the record gets as far as claiming ids. */
export const canClaim = ({ plan: { kind } }: AcceptedRecord): boolean =>
  kind !== 'undecodable' && kind !== 'unreadable' && kind !== 'no event';

export const describeRecord = ({ plan, name, events }: AcceptedRecord): string =>
  `${name} (${plan.kind}${plan.isDoubled ? ', twice' : ''}, ${plan.retentionDays} d: ` +
  `${events.map(({ event_id, type }) => (type === 'other' ? `${event_id}'` : event_id)).join(' ')})`;
