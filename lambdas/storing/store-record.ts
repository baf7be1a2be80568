// Stores one record: claims its identities, tells new events from duplicates and conflicts, writes the pages
// of the new ones. Any number of tries, by any number of consumers, ends in the same state.

import type { CountedEvent } from '../../domain/documents/hour.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey } from '../../domain/keys.ts';
import type { Envelope } from '../../domain/record/envelope.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { classify, digestOf, type IdentityClaim } from '../../domain/storing/identity.ts';
import {
  type Page,
  type PageSource,
  type PlannedPage,
  pagePartition,
  pagePointer,
  planPages,
} from '../../domain/storing/pages.ts';
import type { ClaimResult, Identities, Pages } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import {
  eventsExpireAtMs,
  guardsExpireAtMs,
  type RecordOutcome,
} from '../../domain/storing/record-outcome.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type StoreDeps = {
  readonly identities: Pick<Identities, 'claim'>;
  readonly pages: Pick<Pages, 'write'>;
  readonly meter: Pick<Meter, 'count'>;
};

/** A record as it came, and its receipt where that says that it is in quarantine. */
export type RecordToStore = {
  readonly envelope: Envelope;
  readonly bytes: number;
  readonly found?: Receipt;
};

export async function storeRecord(
  { identities, pages, meter }: StoreDeps,
  { envelope, bytes, found }: RecordToStore,
): Promise<RecordOutcome> {
  const { header, events } = envelope;
  const { source, planned, claims } = planRecord(envelope);
  const results = await identities.claim(claims);
  const contested = results.filter(({ outcome }) => outcome === 'held').length;
  if (contested > 0) meter.count(metricNames.contestedClaims, contested);
  const fates = results.map((result, index) => fateOf(claims[index], result));
  await pages.write(pagesOf(envelope, source, planned, fates));
  return {
    header,
    fresh: events.filter((_, index) => fates[index] === 'mine').map(counted),
    duplicates: fates.filter((fate) => fate === 'duplicate').length,
    conflicts: fates.filter((fate) => fate === 'conflict').length,
    bytes,
    ...(found && { found }),
  };
}

const counted = ({ timestamp, type, service, user_id }: AcceptedEvent): CountedEvent => ({
  timestamp,
  type,
  ...(service !== undefined && { service }),
  ...(user_id !== undefined && { user_id }),
});

/** What a record claims and where its pages lie follow from it alone, whatever was stored before it (R5). */
export function planRecord(envelope: Envelope) {
  const { header, events } = envelope;
  const { tenant, slot, layout } = header;
  const source: PageSource = { tenant, slot, record: recordIdOf(header), layout };
  const planned = planPages(source, events);
  return { source, planned, claims: claimsOf(envelope, source.record, planned) };
}

function claimsOf(
  { header, events }: Envelope,
  record: PageSource['record'],
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
  { header, events }: Envelope,
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
