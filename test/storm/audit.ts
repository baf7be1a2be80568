// Whether the tables are true to each other: identities and the pages they point at, receipts and the pages of their
// records, documents and a recount of both. An answer is a list of what is wrong, each with where; none is right.
// Exact for what it is about: names within the caps of a document.

import type { RecordId } from '../../domain/record/record-id.ts';
import { recordName } from '../../domain/record/record-id.ts';
import { digestOf } from '../../domain/storing/identity.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { auditHours, auditIntakes, type Violation } from './audit-documents.ts';
import type { KeptIdentity, KeptPage, Owner, Tables } from './tables.ts';

type Kept = {
  readonly tables: Tables;
  readonly receipts: ReadonlyMap<string, Receipt>;
  readonly pages: ReadonlyMap<string, KeptPage>;
  readonly identities: ReadonlyMap<string, KeptIdentity>;
};

export function auditTables(tables: Tables): Violation[] {
  const kept: Kept = {
    tables,
    receipts: new Map(
      tables.receipts.map((receipt) => [recordName(receipt.tenant, receipt.record), receipt]),
    ),
    pages: new Map(tables.pages.map((page) => [`${page.owner}#${page.pointer}`, page])),
    identities: new Map(tables.identities.map((each) => [`${each.owner}#${each.eventId}`, each])),
  };
  return [
    ...tables.identities.flatMap((identity) => auditIdentity(kept, identity)),
    ...tables.pages.flatMap((page) => auditPage(kept, page)),
    ...auditReceipts(kept),
    ...auditHours(tables, (page) => isCounted(kept, page)),
    ...auditIntakes(tables),
    ...auditQuarantine(kept),
  ];
}

const receiptOf = ({ receipts }: Pick<Kept, 'receipts'>, owner: Owner, record: RecordId) =>
  receipts.get(nameIn(owner, record));

const nameIn = (owner: Owner, record: RecordId): string => `${owner}#${record}`;
const isCounted = (kept: Kept, { owner, record }: Pick<KeptPage, 'owner' | 'record'>): boolean =>
  receiptOf(kept, owner, record)?.state === 'counted';

/** The first event under an id stays, where its record is stored. */
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
  if (page.said !== page.events.length)
    wrong.push(`${place} holds ${page.events.length} and says ${page.said}`);
  const receipt = receiptOf(kept, page.owner, page.record);
  if (!receipt) return [...wrong, `${place} is of a record without a receipt`];
  if (receipt.receivedAtMs !== page.receivedAtMs)
    wrong.push(`${place} and its receipt disagree on the receipt`);
  for (const event of page.events) {
    const holder = kept.identities.get(`${page.owner}#${event.event_id}`);
    if (!holder) wrong.push(`${place} holds ${event.event_id}, which nobody claimed`);
    else if (holder.page !== page.pointer && !isOfAnEarlierLife(kept, page, holder))
      wrong.push(`${place} holds ${event.event_id}, whose identity points at ${holder.page}`);
  }
  return wrong;
}

/** A claim passes to another record only where that was received after the time of the first (R4). */
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
    const told = receipt.stored + receipt.duplicates + receipt.conflicts;
    if (receipt.state !== 'counted')
      return told === 0 ? [] : [`receipt ${name} is ${receipt.state} and tells ${told}`];
    const held = stored.get(name) ?? 0;
    return [
      ...(told === receipt.accepted
        ? []
        : [`receipt ${name} accepted ${receipt.accepted} and tells ${told}`]),
      ...(held === receipt.stored
        ? []
        : [`receipt ${name} stored ${receipt.stored}, and pages hold ${held}`]),
    ];
  });
}

/** The list and the receipts tell of the same records. */
function auditQuarantine({ tables, receipts }: Kept): Violation[] {
  const listed = new Map(
    tables.quarantine.map((entry) => [recordName(entry.tenant, entry.record) as string, entry]),
  );
  const missing = [...receipts]
    .filter(([name, { state }]) => state === 'quarantined' && !listed.has(name))
    .map(([name]) => `receipt ${name} is quarantined, and the list does not hold it`);
  const wrong = [...listed].flatMap(([name, entry]) => {
    const receipt = receipts.get(name);
    if (receipt?.state !== 'quarantined')
      return [`the list of quarantine holds ${name}, which is ${receipt?.state}`];
    const isSame = entry.reason === receipt.reason && entry.events === receipt.accepted;
    return isSame ? [] : [`the list of quarantine and the receipt disagree on ${name}`];
  });
  return [...missing, ...wrong];
}
