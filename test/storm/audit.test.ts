// The audit itself: it accepts consistent tables and finds each kind of inconsistency.

import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../domain/documents/delta.ts';
import { emptyHour } from '../../domain/documents/hour.ts';
import { noMinutes } from '../../domain/documents/minutes.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { guardMs } from '../../domain/storing/record-outcome.ts';
import { dayMs, epochSeconds, floorTo, hourMs } from '../../domain/system/time.ts';
import { event, nowMs } from '../support/events.ts';
import { auditTables } from './audit.ts';
import type { KeptIdentity, KeptPage, Tables } from './tables.ts';

const owner = 'acme#production#0';
const tenant = { account: 'acme', environment: 'production', generation: 0 };
const expiresAtMs = nowMs + 30 * dayMs;
const first = event({ event_id: 'a', user_id: 'ada' });
const second = event({ event_id: 'b', type: 'order', service: 'web', value: 9.99 });

const pageOf = (record: 'one.0' | 'two.0', events: readonly AcceptedEvent[]): KeptPage => ({
  owner,
  pointer: `0#01#${nowMs}#${record}#0`,
  record,
  slot: '0',
  eventCount: events.length,
  receivedAtMs: nowMs,
  ttl: epochSeconds(expiresAtMs),
  events,
});
const page = pageOf('one.0', [first, second]);

const identityOf = (held: AcceptedEvent, on = page): KeptIdentity => ({
  owner,
  eventId: held.event_id,
  page: on.pointer,
  record: on.record,
  digest: digestOf(held),
  untilMs: expiresAtMs,
});

const counted = {
  tenant,
  record: 'one.0',
  state: 'counted',
  accepted: 4,
  stored: 2,
  duplicates: 1,
  conflicts: 1,
  receivedAtMs: nowMs,
  storedAtMs: nowMs,
  expiresAtMs: expiresAtMs + guardMs,
} as const;
const quarantined = {
  ...counted,
  record: 'two.0',
  state: 'quarantined',
  batchId: 'batch',
  reason: 'failed',
  accepted: 3,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
} as const;

const content = emptyHour();
insertDeltas(content, deltasOf([first, second]).values());
const place = { owner, slot: '0', hourMs: floorTo(nowMs, hourMs), version: 1, expiresAtMs };
const hour = { ...place, kind: 'hour', content } as const;
const intake = {
  ...place,
  kind: 'intake',
  content: { received: 7, stored: 2, duplicates: 1, conflicts: 1, quarantined: 3, bytes: 900 },
} as const;
const entry = {
  tenant,
  record: 'two.0',
  batchId: 'batch',
  reason: 'failed',
  requestId: 'r',
  events: 3,
  receivedAtMs: nowMs,
  quarantinedAtMs: nowMs,
  expiresAtMs: expiresAtMs + guardMs,
  attempts: 0,
  leaseUntilMs: 0,
} as const;

const tables: Tables = {
  identities: [identityOf(first), identityOf(second)],
  pages: [page],
  hours: [hour],
  intakes: [intake],
  receipts: [counted, quarantined],
  quarantine: [entry],
  digests: new Map(),
};

it('finds nothing in consistent tables', () => {
  expect(auditTables(tables)).toEqual([]);
});

it('accepts claims and pages of a quarantined record', () => {
  const third = event({ event_id: 'c' });
  const left = pageOf('two.0', [third]);

  const found = auditTables({
    ...tables,
    pages: [page, left],
    identities: [...tables.identities, identityOf(third, left)],
  });

  expect(found).toEqual([]);
});

it('accepts an id that is stored again after its retention', () => {
  const laterMs = expiresAtMs + 2000;
  const later = {
    ...pageOf('two.0', [first]),
    receivedAtMs: laterMs,
    ttl: epochSeconds(laterMs + 30 * dayMs),
  };
  const receipt = {
    ...counted,
    record: 'two.0',
    accepted: 1,
    stored: 1,
    duplicates: 0,
    conflicts: 0,
  } as const;

  const found = auditTables({
    ...tables,
    pages: [page, later],
    identities: [identityOf(first, later), identityOf(second)],
    receipts: [counted, { ...receipt, receivedAtMs: laterMs }],
    quarantine: [],
  });

  // The documents in this test do not include the second time.
  expect(found.filter((violation) => !/^(hour|intake)/.test(violation))).toEqual([]);
});

const recounted = (change: Partial<typeof content>) => ({
  hours: [{ ...hour, content: { ...content, ...change } }],
});

const inconsistencies: readonly (readonly [string, RegExp, Partial<Tables>])[] = [
  ['a page without its identity', /holds b, which nobody claimed/, { identities: [identityOf(first)] }],
  ['an event on two pages', /holds a, whose identity points at/, { pages: [page, pageOf('two.0', [first])] }],
  ['an identity without its page', /points at .*, which is not there/, { pages: [] }],
  [
    'an event that is missing on its page',
    /holds it 0 times/,
    { pages: [{ ...page, events: [second], eventCount: 1 }] },
  ],
  [
    'an event that is twice on its page',
    /holds it 2 times/,
    { pages: [{ ...page, events: [first, first, second], eventCount: 3 }] },
  ],
  [
    'a page with another event under the id',
    /another digest/,
    { pages: [{ ...page, events: [{ ...first, type: 'other' }, second] }] },
  ],
  [
    'a page with another number of events than it says',
    /holds 2 events and says 1/,
    { pages: [{ ...page, eventCount: 1 }] },
  ],
  ['a page without a receipt', /without a receipt/, { receipts: [quarantined] }],
  ['an identity without a receipt', /which has no receipt/, { receipts: [quarantined] }],
  [
    'a receipt that does not add up',
    /accepted 5 and sums up to 4/,
    { receipts: [{ ...counted, accepted: 5 }, quarantined] },
  ],
  [
    'a receipt with more stored events than its pages hold',
    /stored 3, and pages hold 2/,
    { receipts: [{ ...counted, accepted: 5, stored: 3 }, quarantined] },
  ],
  [
    'a quarantined receipt with stored events',
    /is quarantined and sums up to 1/,
    { receipts: [counted, { ...quarantined, stored: 1 }] },
  ],
  ['an hour that counts one too many', /another total/, recounted({ total: { ...content.total, count: 3 } })],
  [
    'an hour that counts another type',
    /another byType/,
    recounted({ byType: new Map([['order', { count: 2 }]]) }),
  ],
  [
    'an hour with another sum',
    /another total/,
    recounted({ total: { ...content.total, values: { count: 1, sum: 2n, least: 1n, greatest: 1n } } }),
  ],
  ['an hour that counts another minute', /another minutes/, recounted({ minutes: noMinutes() })],
  ['an hour that counts another service', /another byService/, recounted({ byService: new Map() })],
  [
    'an hour without its users',
    /another distinctUsers/,
    recounted({ distinctUsers: emptyHour().distinctUsers }),
  ],
  [
    'an hour that lists a user too often',
    /lists 2 \(\+0\) of a user who sent 1/,
    recounted({ topUsers: { counts: new Map([['ada', 2]]), error: 0 } }),
  ],
  ['an hour that is missing', /is not there, and pages hold 2/, { hours: [] }],
  [
    'an hour without pages',
    /no page holds any of it/,
    { hours: [hour, { ...hour, hourMs: hour.hourMs - hourMs }] },
  ],
  [
    'an hour that expires before its pages',
    /expires at another time/,
    { hours: [{ ...hour, expiresAtMs: nowMs }] },
  ],
  [
    'an intake that does not add up',
    /does not add up/,
    { intakes: [{ ...intake, content: { ...intake.content, received: 8 } }] },
  ],
  ['an intake that is missing', /and its receipts make/, { intakes: [] }],
  [
    'a quarantine that lists what is counted',
    /holds acme#production#0#one.0, which is counted/,
    { quarantine: [entry, { ...entry, record: 'one.0' }] },
  ],
  ['a quarantine that does not list what is in it', /the list does not hold it/, { quarantine: [] }],
  [
    'a quarantine with another reason than the receipt',
    /disagree on/,
    { quarantine: [{ ...entry, reason: 'crashed' }] },
  ],
];

it.each(inconsistencies)('finds %s', (_, violation, change) => {
  expect(auditTables({ ...tables, ...change }).join('\n')).toMatch(violation);
});
