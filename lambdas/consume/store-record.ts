// Stores one record: claims its identities, tells new events from duplicates and conflicts, writes the pages
// of the new ones. Any number of tries, by any number of consumers, ends in the same state.

import type { AcceptedEvent } from '../../domain/event.ts';
import { classify, digestOf, type IdentityClaim } from '../../domain/identity.ts';
import { identityKey } from '../../domain/keys.ts';
import {
  type Page,
  type PageSource,
  type PlannedPage,
  pagePartition,
  pagePointer,
  planPages,
} from '../../domain/pages.ts';
import type { ClaimResult, Identities, Pages } from '../../domain/ports.ts';
import { eventsExpireAtMs, guardsExpireAtMs, type StoredRecord } from '../../domain/stored-record.ts';
import type { OpenRecord } from './wire.ts';

export type StoreDeps = { readonly identities: Identities; readonly pages: Pages };

export async function storeRecord(
  { identities, pages }: StoreDeps,
  { envelope, record, bytes }: OpenRecord,
): Promise<StoredRecord> {
  const { header, events } = envelope;
  const source: PageSource = { tenant: header.tenant, slot: header.slot, record, layout: header.layout };
  const planned = planPages(source, events);
  const claims = claimsOf(envelope, record, planned);
  const fates = (await identities.claim(claims)).map((result, index) => fateOf(claims[index], result));
  await pages.write(pagesOf(envelope, source, planned, fates));
  return {
    header,
    fresh: events.filter((_, index) => fates[index] === 'mine'),
    duplicates: fates.filter((fate) => fate === 'duplicate').length,
    conflicts: fates.filter((fate) => fate === 'conflict').length,
    bytes,
  };
}

function claimsOf(
  { header, events }: OpenRecord['envelope'],
  record: OpenRecord['record'],
  planned: readonly PlannedPage[],
): IdentityClaim[] {
  const pageOf = new Map(planned.flatMap(({ sk, indexes }) => indexes.map((index) => [index, sk] as const)));
  return events.map((event, index) => ({
    key: identityKey(header.tenant, event.event_id),
    record,
    page: pagePointer(header.slot, pageOf.get(index) ?? ''),
    digest: digestOf(event),
    receivedAtMs: header.receivedAtMs,
    untilMs: eventsExpireAtMs(header),
    expiresAtMs: guardsExpireAtMs(header),
  }));
}

const fateOf = (claim: IdentityClaim | undefined, result: ClaimResult) =>
  result.outcome === 'claimed' || !claim ? 'mine' : classify(claim, result.by);

function pagesOf(
  { header, events }: OpenRecord['envelope'],
  source: PageSource,
  planned: readonly PlannedPage[],
  fates: readonly string[],
): Page[] {
  return planned.flatMap(({ sk, indexes }) => {
    const fresh = indexes.flatMap((index): AcceptedEvent[] => {
      const event = events[index];
      return event && fates[index] === 'mine' ? [event] : [];
    });
    if (fresh.length === 0) return [];
    return [
      {
        pk: pagePartition(source),
        sk,
        events: fresh,
        receivedAtMs: header.receivedAtMs,
        region: header.region,
        expiresAtMs: eventsExpireAtMs(header),
      },
    ];
  });
}
