// The audit itself: it accepts consistent tables and finds each kind of inconsistency.

import { describe, expect, it } from 'vitest';
import { linkLimits } from '../../adapters/storing/claim-in-logs.ts';
import { guardMs, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { nextRun } from '../../domain/counting/runs.ts';
import { deltasOf, insertDeltas } from '../../domain/documents/delta.ts';
import { emptyHour } from '../../domain/documents/hour.ts';
import { noMinutes } from '../../domain/documents/minutes.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import { dayMs, epochSeconds, floorTo, hourMs } from '../../domain/system/time.ts';
import { event, nowMs } from '../support/events.ts';
import { requestRejections } from '../support/rejections.ts';
import { auditTables } from './audit.ts';
import type { KeptLink } from './claim-links.ts';
import { LedgerOfTruth } from './ledger-of-truth.ts';
import { reconcile } from './reconcile.ts';
import type { KeptIdentity, KeptPage, Tables } from './tables.ts';

const owner = 'acme#production#0';
const tenant = { account: 'acme', environment: 'production', generation: 0 };
const expiresAtMs = nowMs + 30 * dayMs;
const first = event({ event_id: 'a', user_id: 'ada' });
const second = event({ event_id: 'b', type: 'order', service: 'web', value: 9.99 });

const pageOf = (record: RecordId, events: readonly AcceptedEvent[]): KeptPage => ({
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

const lane = { tenant, slot: 0, late: false };
const counted: Receipt = {
  lane,
  record: 'one.0',
  state: 'counted',
  mode: 'plain',
  accepted: 4,
  stored: 2,
  duplicates: 1,
  conflicts: 1,
  bytes: 400,
  receivedAtMs: nowMs,
  storedAtMs: nowMs,
  expiresAtMs: expiresAtMs + guardMs,
};
const quarantined: Receipt = {
  ...counted,
  record: 'two.0',
  state: 'quarantined',
  mode: 'direct',
  reason: 'failed',
  accepted: 3,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  bytes: 300,
};
/** Received after the last run, so that no document has it. */
const waiting: Receipt = {
  ...counted,
  record: 'three.0',
  accepted: 1,
  stored: 1,
  duplicates: 0,
  conflicts: 0,
  receivedAtMs: nowMs + 1,
};
/** Its claim is in a log. */
const third = event({ event_id: 'a-batch-of-some-sender~7' });
const waitingPage = { ...pageOf('three.0', [third]), receivedAtMs: nowMs + 1 };

const log = placeInLog(`${owner}#${third.event_id}`)?.log ?? '';
const linkOf = (position: number, ...claims: readonly KeptIdentity[]): KeptLink => ({
  owner,
  log,
  position,
  claims,
  releases: [],
});
const link = linkOf(0, identityOf(third, waitingPage));
const emptyLinks = Array.from({ length: linkLimits.links - 1 }, (_, index) => linkOf(index + 1));
const release = (position: number, untilMs: number): KeptLink => ({
  ...linkOf(position),
  releases: [{ eventId: third.event_id, record: 'three.0', untilMs }],
});

const run = { ...nextRun(lane, undefined, placeOf(quarantined)), state: 'folded' } as const;
const emptyRun = { ...nextRun(lane, run, `${placeOf(quarantined)}~`), state: 'folded' } as const;
const laneName = `${owner}#0`;
const list = { lane: laneName, start: run.start, positions: [placeOf(counted)] };
const emptyList = { lane: laneName, start: emptyRun.start, positions: [] };

const hourOf = (held: readonly AcceptedEvent[]) => {
  const hour = emptyHour();
  insertDeltas(hour, deltasOf(held).values());
  return hour;
};
const content = hourOf([first, second]);
const place = {
  lane: laneName,
  hourMs: floorTo(nowMs, hourMs),
  version: 1,
  foldedTo: run.to,
  expiresAtMs,
};
const hour = { ...place, kind: 'hour', content } as const;
const intake = {
  ...place,
  kind: 'intake',
  content: {
    received: 7,
    stored: 2,
    duplicates: 1,
    conflicts: 1,
    quarantined: 3,
    records: 2,
    bytes: 700,
    slow: 1,
  },
} as const;
const day = {
  owner,
  dayMs: floorTo(nowMs, dayMs),
  mark: 2,
  slots: 1,
  foldedTo: [run.to, ''],
  content: { ...content, minutes: noMinutes() },
};
const hourOfDay = (nowMs - day.dayMs - (nowMs % hourMs)) / hourMs;
const hoursOfDay = { ...day, content: new Map([[hourOfDay, content]]) };
const mark = { owner, dayMs: day.dayMs, times: 2 };
const entry = {
  lane,
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
  links: [link],
  pages: [page, waitingPage],
  hours: [hour],
  intakes: [intake],
  days: [day],
  hoursOfDays: [hoursOfDay],
  marks: [mark],
  receipts: [counted, quarantined, waiting],
  runs: [run, emptyRun],
  lists: [list, emptyList],
  quarantine: [entry],
  rejections: [],
  tallied: [],
  unreadable: [],
  digests: new Map(),
};

it('finds nothing in consistent tables', () => {
  expect(auditTables(tables)).toEqual([]);
});

it('accepts claims and pages of a quarantined record', () => {
  const fourth = event({ event_id: 'd' });
  const left = pageOf('two.0', [fourth]);

  const found = auditTables({
    ...tables,
    pages: [...tables.pages, left],
    identities: [...tables.identities, identityOf(fourth, left)],
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
    links: [],
    receipts: [counted, { ...receipt, receivedAtMs: laterMs }],
    quarantine: [],
  });

  expect(found.filter((violation) => !violation.startsWith('intake'))).toEqual([]);
});

describe('of an id that is stored again after its retention, it accepts that the last claim is', () => {
  const laterMs = expiresAtMs + 2000;
  const laterPage = {
    ...pageOf('four.0', [third]),
    receivedAtMs: laterMs,
    ttl: epochSeconds(laterMs + 30 * dayMs),
  };
  const later: Receipt = { ...waiting, record: 'four.0', receivedAtMs: laterMs };
  const claim = { ...identityOf(third, laterPage), untilMs: laterMs + 30 * dayMs };
  const found = (changed: Partial<Tables>) =>
    auditTables({
      ...tables,
      pages: [...tables.pages, laterPage],
      receipts: [...tables.receipts, later],
      ...changed,
    });

  it('the last one of the log', () => {
    expect(found({ links: [link, linkOf(1, claim)] })).toEqual([]);
    expect(found({ links: [link] })).not.toEqual([]);
  });

  it('a single one, if the log is full', () => {
    const identities = [...tables.identities, claim];

    expect(found({ links: [link, ...emptyLinks], identities })).toEqual([]);
    expect(found({ links: [link, ...emptyLinks.slice(1)], identities })).not.toEqual([]);
  });

  it('also if the first claim was released', () => {
    const sooner = { ...later, receivedAtMs: nowMs + 3 };
    const links = [link, release(1, nowMs + 2), linkOf(2, claim)];
    const changed = {
      links,
      receipts: [...tables.receipts, sooner],
      pages: [page, { ...laterPage, receivedAtMs: nowMs + 3 }],
    };
    const ofClaims = (some: Partial<Tables>) =>
      found({ ...changed, ...some }).filter((violation) => violation.startsWith('link'));

    expect(ofClaims({})).toEqual([]);
    expect(ofClaims({ links: [link, release(1, nowMs + 4), linkOf(2, claim)] })).not.toEqual([]);
  });
});

it('accepts a run that is folded into some documents, and not yet into others', () => {
  const announced = { ...run, state: 'announced' } as const;
  const half = { ...tables, runs: [announced], lists: [list], days: [], hoursOfDays: [] };
  const onlyQuarantined = {
    received: 3,
    stored: 0,
    duplicates: 0,
    conflicts: 0,
    quarantined: 3,
    records: 1,
    bytes: 300,
    slow: 1,
  };

  expect(auditTables({ ...half, intakes: [{ ...intake, foldedTo: '', content: onlyQuarantined }] })).toEqual(
    [],
  );
  expect(auditTables({ ...half, hours: [] })).toEqual([]);
});

it('accepts a day that is stale: nobody reads it', () => {
  const stale = { ...day, content: { ...day.content, total: { count: 9 } } };

  expect(auditTables({ ...tables, days: [stale], marks: [{ ...mark, times: 3 }] })).toEqual([]);
});

const recounted = (change: Partial<typeof content>) => ({
  hours: [{ ...hour, content: { ...content, ...change } }],
});

const inconsistencies: readonly (readonly [string, RegExp, Partial<Tables>])[] = [
  ['a page without its identity', /holds b, which nobody claimed/, { identities: [identityOf(first)] }],
  ['a page without its claim in a log', /holds a-batch.*~7, which nobody claimed/, { links: [] }],
  ['a claim in a log without its page', /sender~7 points at .*, which is not there/, { pages: [page] }],
  ['a log without its first link', /link 1 of log .* follows 0 links/, { links: [{ ...link, position: 1 }] }],
  ['a log with two links of one position', /link 0 of log .* follows 1 links/, { links: [link, linkOf(0)] }],
  [
    'an id that is taken over in its log before its time',
    /link 1 .* claims .*~7, which record three.0 holds/,
    { links: [link, linkOf(1, identityOf(third))] },
  ],
  [
    'an id twice in a link',
    /link 0 .* claims .*~7 again/,
    { links: [linkOf(0, ...link.claims, ...link.claims)] },
  ],
  [
    'a claim in a log that is full',
    /link 256 .* claims ids, and the log is full/,
    { links: [linkOf(0), ...emptyLinks, linkOf(emptyLinks.length + 1, ...link.claims)] },
  ],
  [
    'a release of what nobody claimed',
    /link 0 .* releases .*, which nobody claimed/,
    { links: [release(0, nowMs)] },
  ],
  [
    'an id that is claimed singly beside its log',
    /is claimed singly, and its log has 1 links/,
    { identities: [...tables.identities, identityOf(third, waitingPage)] },
  ],
  [
    'an id that is claimed singly while another record has it in its log',
    /is claimed singly, and record three.0 holds it/,
    { identities: [...tables.identities, identityOf(third)], links: [link, ...emptyLinks] },
  ],
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
  [
    'a quarantine that names another lane than the receipt',
    /disagree on/,
    { quarantine: [{ ...entry, lane: { ...lane, late: true } }] },
  ],
  ['a quarantine that does not list what is in it', /the list does not hold it/, { quarantine: [] }],
  [
    'a quarantine with another reason than the receipt',
    /disagree on/,
    { quarantine: [{ ...entry, reason: 'crashed' }] },
  ],
  [
    'a receipt in two lanes',
    /one.0 has 2 receipts/,
    { receipts: [...tables.receipts, { ...counted, lane: { ...lane, late: true } }] },
  ],
  [
    'a gap between runs',
    /does not start at/,
    {
      runs: [run, { ...emptyRun, start: `${run.to}0` }],
      lists: [list, { ...emptyList, start: `${run.to}0` }],
    },
  ],
  ['a run that is missing', /does not start at the beginning/, { runs: [emptyRun], lists: [emptyList] }],
  ['a run that covers nothing', /does not end after its start/, { runs: [run, { ...emptyRun, to: run.to }] }],
  [
    'a run behind one that is not folded',
    /not folded, and another/,
    { runs: [{ ...run, state: 'announced' }, emptyRun] },
  ],
  [
    'a run that leaves out a receipt',
    /leaves out/,
    { runs: [{ ...run, leftOut: [placeOf(counted)] }, emptyRun] },
  ],
  ['a folded run without a list', /its list is not there/, { lists: [list] }],
  ['a list without a run', /is of no run/, { runs: [run] }],
  [
    'a list that names no receipt',
    /which has no receipt/,
    { lists: [{ ...list, positions: [...list.positions, '5'] }, emptyList] },
  ],
  [
    'a direct receipt on a list',
    /which is counted and direct/,
    { receipts: [{ ...counted, mode: 'direct' }, quarantined, waiting] },
  ],
  [
    'a quarantined receipt on a list',
    /which is quarantined and direct/,
    { lists: [{ ...list, positions: [placeOf(counted), placeOf(quarantined)] }, emptyList] },
  ],
  [
    'a list with a receipt that its run does not cover',
    /which it does not cover/,
    { lists: [list, { ...emptyList, positions: [placeOf(waiting)] }] },
  ],
  [
    'a plain receipt that a run has passed by',
    /is plain, and run .* does not list it/,
    { runs: [run, { ...emptyRun, to: placeOf(waiting) }] },
  ],
  [
    'a document without a receipt of a folded run',
    /another total than its pages: {"count":1}/,
    { hours: [{ ...hour, content: hourOf([first]) }] },
  ],
  [
    'a document that counts a receipt twice',
    /another total than its pages: {"count":4/,
    { hours: [{ ...hour, content: hourOf([first, second, first, second]) }] },
  ],
  [
    'a document that counts a receipt that waits',
    /another total than its pages: {"count":3/,
    { hours: [{ ...hour, content: hourOf([first, second, third]) }] },
  ],
  [
    'a document in another lane than its receipts',
    /#late .* no page holds any of it/,
    { hours: [{ ...hour, lane: `${laneName}#late` }] },
  ],
  [
    'an intake that counts a receipt that waits',
    /and its receipts make/,
    { intakes: [{ ...intake, content: { ...intake.content, received: 8, stored: 3 } }] },
  ],
  [
    'an intake with other records than its receipts',
    /and its receipts make/,
    { intakes: [{ ...intake, content: { ...intake.content, records: 3 } }] },
  ],
  [
    'an intake with other bytes than its receipts',
    /and its receipts make/,
    { intakes: [{ ...intake, content: { ...intake.content, bytes: 701 } }] },
  ],
  [
    'a day that counts one too many',
    /^day .* has another total/m,
    { days: [{ ...day, content: { ...day.content, total: { ...content.total, count: 3 } } }] },
  ],
  [
    'an hour of a day that counts one too many',
    /^hours of day .* has another total/m,
    {
      hoursOfDays: [
        {
          ...hoursOfDay,
          content: new Map([[hourOfDay, { ...content, total: { ...content.total, count: 3 } }]]),
        },
      ],
    },
  ],
  [
    'an hour of a day that is in another one',
    /^hours of day .* has another minutes/m,
    { hoursOfDays: [{ ...hoursOfDay, content: new Map([[hourOfDay + 1, content]]) }] },
  ],
  [
    'a day with a run of an hour that it does not know',
    /does not know the last run of its hour/,
    { days: [{ ...day, foldedTo: ['', ''] }] },
  ],
];

it.each(inconsistencies)('finds %s', (_, violation, change) => {
  expect(auditTables({ ...tables, ...change }).join('\n')).toMatch(violation);
});

describe('of a record on the stream, it finds', () => {
  const header: EnvelopeHeader = {
    ...lane,
    batchId: 'one',
    part: 0,
    parts: 1,
    kind: 'events',
    layout: 1,
    events: 4,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  };
  const books = new LedgerOfTruth({ seed: 1, baseMs: nowMs });
  const found = (change: Partial<EnvelopeHeader>) =>
    reconcile({
      books,
      records: [{ header: { ...header, ...change }, bytes: 400 }],
      rejections: [],
      tables,
    }).join('\n');

  it.each<[string, Partial<EnvelopeHeader>, RegExp]>([
    ['a receipt in another lane', { late: true }, /not where its record belongs/],
    ['a receipt of another slot', { slot: 1 }, /not where its record belongs/],
    ['a receipt at another time', { receivedAtMs: nowMs - 1 }, /not where its record belongs/],
    ['no receipt', { batchId: 'four' }, /record .*#four.0 has no receipt/],
    ['another number of events', { events: 5 }, /accepted 4 of 5/],
  ])('%s', (_, change, violation) => {
    expect(found(change)).toMatch(violation);
    expect(found({})).not.toMatch(violation);
  });

  it('rejections that are not counted, or counted twice', () => {
    const rejections = [
      { header: { ...header, kind: 'rejections' as const }, rejections: requestRejections() },
    ];
    const group = { code: 'missing_field', field: 'type', keyId: 'k', client: 'c', firstMs: 0, lastMs: 0 };
    const wrong = (count: number) =>
      reconcile({
        ...{ books, records: [], rejections },
        tables: { ...tables, rejections: count > 0 ? [{ owner, groups: [{ ...group, count }] }] : [] },
      }).filter((violation) => violation.includes('rejections'));

    expect(wrong(1)).toEqual([]);
    expect(wrong(0)).toEqual([expect.stringMatching(/^0 rejections missing_field type of acme/)]);
    expect(wrong(2)).toEqual([expect.stringMatching(/^2 rejections .* the stream has 1$/)]);
  });

  it('what neither documents nor waiting receipts have', () => {
    const bytes = [400, 300, 400];
    const records = [counted, quarantined, waiting].map(({ record, accepted, receivedAtMs }, index) => ({
      header: { ...header, batchId: record.slice(0, -2), events: accepted, receivedAtMs },
      bytes: bytes[index] ?? 0,
    }));
    const totals = (changed: Partial<Tables>) =>
      reconcile({ books, records, rejections: [], tables: { ...tables, ...changed } })
        .filter((violation) => violation.startsWith('account'))
        .join('\n');

    expect(totals({})).toBe('');
    expect(totals({ receipts: [counted, quarantined] })).toMatch(/received 7, and sent 8/);
    expect(totals({ intakes: [] })).toMatch(/received 1, and sent 8/);
  });
});
