// Stores one record: claims its identities, separates new events from duplicates and conflicts, and writes the pages of
// the new ones. Any number of tries, by any number of consumers, ends in the same state.

import { deltasOf } from '../../domain/documents/delta.ts';
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

/** `found` is the receipt of the record, if it is in quarantine. */
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
  const outcomes = results.map((result, index) => outcomeOf(claims[index], result));
  await pages.write(pagesOf(envelope, source, planned, outcomes));
  const fresh = events.filter((_, index) => outcomes[index] === 'mine');
  return {
    header,
    stored: fresh.length,
    deltas: deltasOf(fresh),
    duplicates: outcomes.filter((outcome) => outcome === 'duplicate').length,
    conflicts: outcomes.filter((outcome) => outcome === 'conflict').length,
    bytes,
    ...(found && { found }),
  };
}

/** The claims and page keys of a record depend on the record alone, not on what is already stored (R5). */
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

const outcomeOf = (claim: IdentityClaim | undefined, result: ClaimResult) =>
  result.outcome === 'claimed' || !claim ? 'mine' : classify(claim, result.by);

function pagesOf(
  { header, events }: Envelope,
  source: PageSource,
  planned: readonly PlannedPage[],
  outcomes: readonly string[],
): Page[] {
  return planned.flatMap(({ sk, indexes }) => {
    const fresh = indexes.flatMap((index): AcceptedEvent[] => {
      const event = events[index];
      return event && outcomes[index] === 'mine' ? [event] : [];
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
