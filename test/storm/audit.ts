// Checks that the tables are consistent: claims with the pages they point at, receipts with the pages of their records, runs with the receipts that they list, documents with a recount of all three. Returns a list of violations
// with their places. Exact as long as the names fit into a document.

import { placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { digestOf } from '../../domain/event/digest.ts';
import { laneKey } from '../../domain/keys.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { auditClaims, type Holders, holdersOf } from './audit-claims.ts';
import { auditDocuments } from './audit-documents.ts';
import { auditRuns, type Violation } from './audit-runs.ts';
import type { KeptIdentity, KeptPage, Owner, Tables } from './tables.ts';

type Kept = {
  readonly tables: Tables;
  readonly receipts: ReadonlyMap<string, Receipt>;
  readonly pages: ReadonlyMap<string, KeptPage>;
  readonly holders: Holders;
};

export function auditTables(tables: Tables): Violation[] {
  const kept: Kept = {
    tables,
    receipts: new Map(tables.receipts.map((receipt) => [nameOfPlace(receipt), receipt])),
    pages: new Map(tables.pages.map((page) => [`${page.owner}#${page.pointer}`, page])),
    holders: holdersOf(tables),
  };
  return [
    ...[...kept.holders.values()].flatMap((identity) => auditIdentity(kept, identity)),
    ...tables.pages.flatMap((page) => auditPage(kept, page)),
    ...auditClaims(tables),
    ...auditReceipts(kept),
    ...auditLanes(tables),
    ...auditRuns(tables),
    ...auditDocuments(tables),
    ...auditQuarantine(kept),
  ];
}

const receiptOf = ({ receipts }: Pick<Kept, 'receipts'>, owner: Owner, record: RecordId) =>
  receipts.get(nameIn(owner, record));

const nameIn = (owner: Owner, record: RecordId): string => `${owner}#${record}`;

/** An identity of a counted record points at the page that holds its event, once. */
function auditIdentity(
  kept: Kept,
  { owner, eventId, page: pointer, record, digest }: KeptIdentity,
): Violation[] {
  const place = `identity ${owner}#${eventId}`;
  const receipt = receiptOf(kept, owner, record);
  if (!receipt) return [`${place} is of record ${record}, which has no receipt`];
  if (receipt.state !== 'counted') return [];
  const page = kept.pages.get(`${owner}#${pointer}`);
  if (!page) return [`${place} points at ${pointer}, which is not there`];
  const held = page.events.filter(({ event_id }) => event_id === eventId);
  if (held.length !== 1) return [`${place} points at ${pointer}, which holds it ${held.length} times`];
  const isSame = held.every((event) => Buffer.compare(digestOf(event), digest) === 0);
  return isSame ? [] : [`${place} has another digest than the event in ${pointer}`];
}

function auditPage(kept: Kept, page: KeptPage): Violation[] {
  const place = `page ${page.owner}#${page.pointer}`;
  const wrong: Violation[] = [];
  if (page.eventCount !== page.events.length)
    wrong.push(`${place} holds ${page.events.length} events and says ${page.eventCount}`);
  const receipt = receiptOf(kept, page.owner, page.record);
  if (!receipt) return [...wrong, `${place} is of a record without a receipt`];
  if (receipt.receivedAtMs !== page.receivedAtMs)
    wrong.push(`${place} and its receipt disagree on the time of receipt`);
  for (const event of page.events) {
    const holder = kept.holders.get(`${page.owner}#${event.event_id}`);
    if (!holder) wrong.push(`${place} holds ${event.event_id}, which nobody claimed`);
    else if (holder.page !== page.pointer && !isOfAnEarlierLife(kept, page, holder))
      wrong.push(`${place} holds ${event.event_id}, whose identity points at ${holder.page}`);
  }
  return wrong;
}

/** A claim passes to another record only if that was received after the retention of the first (R4). */
function isOfAnEarlierLife(kept: Kept, page: KeptPage, holder: KeptIdentity): boolean {
  const later = receiptOf(kept, page.owner, holder.record);
  return later !== undefined && epochSeconds(later.receivedAtMs) > page.ttl;
}

function auditReceipts(kept: Kept): Violation[] {
  const stored = new Map<string, number>();
  for (const { owner, record, events } of kept.tables.pages) {
    const name = nameIn(owner, record);
    stored.set(name, (stored.get(name) ?? 0) + events.length);
  }
  return [...kept.receipts].flatMap(([name, receipt]) => {
    const sum = receipt.stored + receipt.duplicates + receipt.conflicts;
    if (receipt.state !== 'counted')
      return sum === 0 ? [] : [`receipt ${name} is ${receipt.state} and sums up to ${sum}`];
    const held = stored.get(name) ?? 0;
    return [
      ...(sum === receipt.accepted
        ? []
        : [`receipt ${name} accepted ${receipt.accepted} and sums up to ${sum}`]),
      ...(held === receipt.stored
        ? []
        : [`receipt ${name} stored ${receipt.stored}, and pages hold ${held}`]),
    ];
  });
}

/** A record has one receipt, in one lane. */
function auditLanes({ receipts }: Tables): Violation[] {
  return [...Map.groupBy(receipts, nameOfPlace)]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => `record ${name} has ${all.length} receipts: ${all.map(placeNameOf).join(', ')}`);
}

const placeNameOf = (receipt: Receipt): string => `${laneKey(receipt.lane)} ${placeOf(receipt)}`;

/** The list of quarantine and the receipts name the same records. */
function auditQuarantine({ tables, receipts }: Kept): Violation[] {
  const listed = new Map(tables.quarantine.map((entry) => [nameOfPlace(entry) as string, entry]));
  const missing = [...receipts]
    .filter(([name, { state }]) => state === 'quarantined' && !listed.has(name))
    .map(([name]) => `receipt ${name} is quarantined, and the list does not hold it`);
  const wrong = [...listed].flatMap(([name, entry]) => {
    const receipt = receipts.get(name);
    if (receipt?.state !== 'quarantined')
      return [`the list of quarantine holds ${name}, which is ${receipt?.state}`];
    const isSame =
      entry.reason === receipt.reason &&
      entry.events === receipt.accepted &&
      placeNameOf(receipt) === `${laneKey(entry.lane)} ${placeOf(entry)}`;
    return isSame ? [] : [`the list of quarantine and the receipt disagree on ${name}`];
  });
  return [...missing, ...wrong];
}
