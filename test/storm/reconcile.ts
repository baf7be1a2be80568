// Compares the tables with the storm's own books and with the records on the stream.

import { isDeepStrictEqual } from 'node:util';
import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { emptyIntake } from '../../domain/documents/intake.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { laneKey, tenantKey } from '../../domain/keys.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import {
  laneOf,
  nameOfPlace,
  placeOfRecord,
  recordIdOf,
  recordNameOf,
} from '../../domain/record/record-id.ts';
import { classify, type IdentityClaim } from '../../domain/storing/identity.ts';
import { eventsExpireAtMs } from '../../domain/storing/record-outcome.ts';
import { holdersOf } from './audit-claims.ts';
import { intakesOf } from './audit-documents.ts';
import type { Violation } from './audit-runs.ts';
import { givenOf } from './contents.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import type { StreamedRecord, StreamedRejections } from './streamed-record.ts';
import type { KeptIdentity, Tables } from './tables.ts';

export type Evidence = {
  readonly books: LedgerOfTruth;
  readonly records: readonly StreamedRecord[];
  readonly rejections: readonly StreamedRejections[];
  readonly tables: Tables;
};

export function reconcile(evidence: Evidence): Violation[] {
  return [
    ...wrongOnStream(evidence),
    ...wrongPoison(evidence),
    ...wrongReceipts(evidence),
    ...wrongLives(evidence),
    ...wrongTotals(evidence),
    ...wrongRejections(evidence),
  ];
}

/** A batch that was answered 202 is on the stream as it was sent, and nothing else is. */
function wrongOnStream({ books, records }: Evidence): Violation[] {
  const byBatch = Map.groupBy(records, ({ header }) => header.batchId);
  const known = new Set([...books.accepted.map(({ batchId }) => batchId)]);
  const poison = new Set<string>(books.poison.map(({ record }) => record));
  const strange = [...byBatch]
    .filter(([, parts]) => !parts.some(({ header }) => poison.has(recordIdOf(header))))
    .filter(([batchId, parts]) => !known.has(batchId) && !wasRefused(books, parts))
    .map(([batchId]) => `the stream holds a batch ${batchId} that nobody sent`);
  const wrong = books.accepted.flatMap(({ account, batchId, events }) => {
    const parts = byBatch.get(batchId) ?? [];
    const held = parts.flatMap((part) => part.events ?? []).map(givenOf);
    const isWhole = isDeepStrictEqual(sorted(held), sorted(events));
    const isOwn = parts.every(({ header }) => header.tenant.account === account);
    return isWhole && isOwn ? [] : [`batch ${batchId} of ${account} is not on the stream as it was accepted`];
  });
  return [...strange, ...wrong];
}

/** Its sender got an error and sent it again, under another batch id. */
const wasRefused = ({ refused }: LedgerOfTruth, parts: readonly StreamedRecord[]): boolean =>
  refused.some(({ account, events }) =>
    parts.every(
      (part) =>
        part.header.tenant.account === account &&
        (part.events ?? []).every((event) => events.some((sent) => isDeepStrictEqual(givenOf(event), sent))),
    ),
  );

const sorted = <Event extends { readonly event_id: string }>(events: readonly Event[]): Event[] =>
  events.toSorted((one, other) => (one.event_id < other.event_id ? -1 : 1));

function wrongPoison({ books, tables }: Evidence): Violation[] {
  const reasons = new Map(
    tables.receipts.map(({ lane, record, state, reason }) => [
      `${lane.tenant.account} ${record}`,
      state === 'quarantined' ? reason : state,
    ]),
  );
  return books.poison.flatMap(({ account, record, reason }) => {
    const found = reasons.get(`${account} ${record}`);
    return found === reason
      ? []
      : [`poison ${record} of ${account} is ${found}, not in quarantine as ${reason}`];
  });
}

/**
 * Each record on the stream has a receipt where it belongs, and each receipt a record. They agree with the identities of
 * the events.
 */
function wrongReceipts({ records, tables }: Evidence): Violation[] {
  const holders = holdersOf(tables);
  const receipts = new Map<string, Receipt>(tables.receipts.map((each) => [nameOfPlace(each), each]));
  const receivedAtOf = ({ owner, record }: KeptIdentity) =>
    receipts.get(`${owner}#${record}`)?.receivedAtMs ?? 0;
  const streamed = new Set<string>(records.map(({ header }) => recordNameOf(header)));
  const strange = [...receipts.keys()]
    .filter((name) => !streamed.has(name))
    .map((name) => `receipt ${name} is of a record that is not on the stream`);
  const wrong = records.flatMap(({ header, events = [] }) => {
    const name = recordNameOf(header);
    const receipt = receipts.get(name);
    if (!receipt) return [`record ${name} has no receipt`];
    const place = placeOfRecord(header);
    if (laneKey(receipt.lane) !== laneKey(laneOf(header)) || placeOf(receipt) !== placeOf(place))
      return [
        `receipt ${name} is in ${laneKey(receipt.lane)} at ${placeOf(receipt)}: not where its record belongs`,
      ];
    if (receipt.accepted !== header.events)
      return [`receipt ${name} accepted ${receipt.accepted} of ${header.events}`];
    if (receipt.state !== 'counted') return [];
    const counts = { mine: 0, duplicate: 0, conflict: 0, unclaimed: 0 };
    for (const event of events) {
      const holder = holders.get(`${tenantKey(header.tenant)}#${event.event_id}`);
      // The id belongs to a later record: what this record found in its time is no longer visible.
      if (holder && receivedAtOf(holder) > eventsExpireAtMs(header)) return [];
      counts[holder ? classify(asClaim(header, event), holder) : 'unclaimed'] += 1;
    }
    const sums = {
      mine: receipt.stored,
      duplicate: receipt.duplicates,
      conflict: receipt.conflicts,
      unclaimed: 0,
    };
    return isDeepStrictEqual(counts, sums)
      ? []
      : [`receipt ${name} has ${JSON.stringify(sums)}, and its identities ${JSON.stringify(counts)}`];
  });
  return [...strange, ...wrong];
}

const asClaim = (header: EnvelopeHeader, event: AcceptedEvent): IdentityClaim => ({
  key: '',
  record: recordIdOf(header),
  page: '',
  digest: digestOf(event),
  receivedAtMs: header.receivedAtMs,
  untilMs: 0,
  expiresAtMs: 0,
});

/** Every accepted event that is not in quarantine is stored once in each of its lives, with a content that was sent. */
function wrongLives({ books, tables }: Evidence): Violation[] {
  const counted = new Set(
    tables.receipts
      .filter(({ state }) => state === 'counted')
      .map((receipt) => nameOfPlace(receipt) as string),
  );
  const isCounted = ({ owner, record }: { owner: string; record: string }) =>
    counted.has(`${owner}#${record}`);
  const holders = new Map(
    [...holdersOf(tables).values()].map((each) => [`${accountOf(each)}#${each.eventId}`, each]),
  );
  const stored = new Map<string, AcceptedEvent[]>();
  for (const page of tables.pages.filter(isCounted))
    for (const event of page.events) {
      const key = `${accountOf(page)}#${event.event_id}`;
      stored.set(key, [...(stored.get(key) ?? []), event]);
    }
  const strange = [...stored.keys()]
    .filter((key) => !books.entries.has(key))
    .map((key) => `event ${key} is stored and was never accepted`);
  const wrong = [...books.entries].flatMap(([key, { lives, contents }]) => {
    const copies = stored.get(key) ?? [];
    const holder = holders.get(key);
    const isQuarantined = holder === undefined || !isCounted(holder);
    if (copies.length !== lives && !(isQuarantined && copies.length < lives))
      return [`event ${key} is stored ${copies.length} times, not ${lives}`];
    return copies.every((copy) => contents.some((sent) => isDeepStrictEqual(givenOf(copy), sent)))
      ? []
      : [`event ${key} is stored with a content that nobody sent`];
  });
  return [...strange, ...wrong];
}

const accountOf = ({ owner }: { readonly owner: string }): string => owner.split('#')[0] ?? '';

/** received = stored + duplicates + conflicts + quarantined for every account, and received is what the stream holds. */
function wrongTotals({ records, tables }: Evidence): Violation[] {
  const streamed = new Map<string, { received: number; bytes: number }>();
  for (const { header, bytes } of records) {
    const owner = tenantKey(header.tenant);
    const sum = streamed.get(owner) ?? { received: 0, bytes: 0 };
    streamed.set(owner, { received: sum.received + header.events, bytes: sum.bytes + bytes });
  }
  const sums = intakesOf(tables);
  return [...new Set([...streamed.keys(), ...sums.keys()])].flatMap((owner) => {
    const { received, bytes, stored, duplicates, conflicts, quarantined } = sums.get(owner) ?? emptyIntake;
    const own = streamed.get(owner) ?? { received: 0, bytes: 0 };
    return [
      ...(received === stored + duplicates + conflicts + quarantined
        ? []
        : [`account ${owner} does not add up`]),
      ...(received === own.received
        ? []
        : [`account ${owner} received ${received}, and sent ${own.received}`]),
      ...(bytes === own.bytes ? [] : [`account ${owner} counts ${bytes} bytes of ${own.bytes}`]),
    ];
  });
}

/** Each rejection that is on the stream is counted once, under its code and field. */
function wrongRejections({ rejections, tables }: Evidence): Violation[] {
  type Count = { readonly code: string; readonly field: string; readonly count: number };
  const sumsOf = (counts: readonly (readonly [owner: string, count: Count])[]) => {
    const sums = new Map<string, number>();
    for (const [owner, { code, field, count }] of counts) {
      const name = `${code} ${field} of ${owner}`;
      sums.set(name, (sums.get(name) ?? 0) + count);
    }
    return sums;
  };
  const streamed = sumsOf(
    rejections.flatMap(({ header, rejections: { counts } }) =>
      counts.map((count) => [tenantKey(header.tenant), count] as const),
    ),
  );
  const counted = sumsOf(
    tables.rejections.flatMap(({ owner, groups }) => groups.map((group) => [owner, group] as const)),
  );
  return [...new Set([...streamed.keys(), ...counted.keys()])].flatMap((name) => {
    const [own, found] = [streamed.get(name) ?? 0, counted.get(name) ?? 0];
    return own === found ? [] : [`${found} rejections ${name} are counted, and the stream has ${own}`];
  });
}
