// Who holds each event id, singly or in the log of its window, and whether all claims are as they may be: links without a
// gap, no id with two claims in force, and nobody beside a log that is not full.

import { linkLimits } from '../../adapters/storing/claim-in-logs.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import { type LogName, placeInLog } from '../../domain/storing/claim-log.ts';
import type { Violation } from './audit-runs.ts';
import type { KeptLink } from './claim-links.ts';
import type { KeptIdentity, Tables } from './tables.ts';

/** By `owner#event id`, which is its identity key. */
export type Holders = ReadonlyMap<string, KeptIdentity>;

const keyOf = ({ owner, eventId }: Pick<KeptIdentity, 'owner' | 'eventId'>): string => `${owner}#${eventId}`;

/** The last entry of a log decides. Where an id was claimed singly as well, the later of the two claims does. */
export function holdersOf({ identities, links }: Pick<Tables, 'identities' | 'links'>): Holders {
  const holders = holdersInLogs(links);
  for (const identity of identities) {
    const inLog = holders.get(keyOf(identity));
    if (!inLog || inLog.untilMs < identity.untilMs) holders.set(keyOf(identity), identity);
  }
  return holders;
}

function holdersInLogs(links: readonly KeptLink[]): Map<string, KeptIdentity> {
  const holders = new Map<string, KeptIdentity>();
  for (const { owner, claims, releases } of inOrder(links)) {
    for (const claim of claims) holders.set(keyOf(claim), claim);
    for (const { eventId, record, untilMs } of releases) {
      const key = keyOf({ owner, eventId });
      const held = holders.get(key);
      if (held?.record === record && held.untilMs > untilMs) holders.set(key, { ...held, untilMs });
    }
  }
  return holders;
}

const inOrder = (links: readonly KeptLink[]): KeptLink[] =>
  links.toSorted((one, other) => one.position - other.position);

type ReceivedAt = (claim: KeptIdentity) => number;

export function auditClaims(tables: Tables): Violation[] {
  const receipts = new Map<string, Receipt>(tables.receipts.map((each) => [nameOfPlace(each), each]));
  const receivedAtOf: ReceivedAt = ({ owner, record }) =>
    receipts.get(`${owner}#${record}`)?.receivedAtMs ?? 0;
  const byLog = Map.groupBy(tables.links, ({ log }) => log);
  return [
    ...[...byLog].flatMap(([log, links]) => auditLog(log, inOrder(links), receivedAtOf)),
    ...auditSingleClaims(tables, byLog, receivedAtOf),
  ];
}

function auditLog(log: LogName, links: readonly KeptLink[], receivedAtOf: ReceivedAt): Violation[] {
  const wrong: Violation[] = [];
  const held = new Map<string, KeptIdentity>();
  links.forEach(({ owner, position, claims, releases }, index) => {
    const place = `link ${position} of log ${log}`;
    if (position !== index) wrong.push(`${place} follows ${index} links`);
    if (position >= linkLimits.links && claims.length > 0)
      wrong.push(`${place} claims ids, and the log is full`);
    for (const claim of claims) {
      const before = held.get(claim.eventId);
      if (before?.record === claim.record)
        wrong.push(`${place} claims ${claim.eventId} again for record ${claim.record}`);
      else if (before && receivedAtOf(claim) <= before.untilMs)
        wrong.push(`${place} claims ${claim.eventId}, which record ${before.record} holds`);
      held.set(claim.eventId, claim);
    }
    for (const { eventId, record, untilMs } of releases) {
      const before = held.get(eventId);
      if (!before) wrong.push(`${place} releases ${owner}#${eventId}, which nobody claimed`);
      else if (before.record === record) held.set(eventId, { ...before, untilMs });
    }
  });
  return wrong;
}

/** An id with a log is claimed singly only if the log is full, and nobody holds the id in it any more. */
function auditSingleClaims(
  { identities, links }: Tables,
  byLog: ReadonlyMap<LogName, readonly KeptLink[]>,
  receivedAtOf: ReceivedAt,
): Violation[] {
  const inLogs = holdersInLogs(links);
  return identities.flatMap((identity) => {
    const place = placeInLog(keyOf(identity));
    if (!place) return [];
    const what = `identity ${keyOf(identity)} is claimed singly`;
    const length = byLog.get(place.log)?.length ?? 0;
    const inLog = inLogs.get(keyOf(identity));
    return [
      ...(length >= linkLimits.links ? [] : [`${what}, and its log has ${length} links`]),
      ...(inLog && receivedAtOf(identity) <= inLog.untilMs
        ? [`${what}, and record ${inLog.record} holds it in its log`]
        : []),
    ];
  });
}
