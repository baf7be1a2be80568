// Stores one record: separates new events from duplicates and conflicts, and writes the pages of the new ones. Any number of tries, by any number of consumers, ends in the same state.

import { deltasOf } from '../../domain/documents/delta.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey } from '../../domain/keys.ts';
import type { Envelope } from '../../domain/record/envelope.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Classification } from '../../domain/storing/identity.ts';
import {
  type Page,
  type PageKey,
  type PageSource,
  type PlannedPage,
  pagePartition,
  pagePointer,
  planPages,
  widthOf,
} from '../../domain/storing/pages.ts';
import type { Pages } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import {
  eventsExpireAtMs,
  guardsExpireAtMs,
  type RecordOutcome,
} from '../../domain/storing/record-outcome.ts';
import { verdictsToBytes } from '../../domain/storing/verdicts.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type ClaimAt, type DecideEventsDeps, decideEvents } from './decide-events.ts';

export type StoreDeps = DecideEventsDeps & {
  readonly pages: Pages;
  readonly meter: Pick<Meter, 'count'>;
};

/** `found` is the receipt of the record, if it is in quarantine or void. */
export type RecordToStore = {
  readonly envelope: Envelope;
  readonly bytes: number;
  readonly found?: Receipt;
};

export async function storeRecord(
  deps: StoreDeps,
  { envelope, bytes, found }: RecordToStore,
): Promise<RecordOutcome> {
  const { header, events } = envelope;
  const { source, planned, claimAt } = planRecord(envelope);
  const [firstPage] = planned;
  const { verdicts, contested, mayHaveLost } = await decideEvents(deps, { envelope, claimAt, found });
  if (contested > 0) deps.meter.count(metricNames.contestedClaims, contested);
  const pages = pagesOf(envelope, source, planned, verdicts);
  if (mayHaveLost) await deps.pages.remove(unfilled(source, planned, pages));
  await deps.pages.write(pages);
  const fresh = events.filter((_, index) => verdicts[index] === 'mine');
  const bytesOfVerdicts = verdictsToBytes(verdicts);
  return {
    header,
    stored: fresh.length,
    deltas: deltasOf(fresh),
    duplicates: verdicts.filter((verdict) => verdict === 'duplicate').length,
    conflicts: verdicts.filter((verdict) => verdict === 'conflict').length,
    bytes,
    ...(fresh.length > 0 && firstPage && { pageWidth: widthOf(firstPage) }),
    ...(bytesOfVerdicts && { verdicts: bytesOfVerdicts }),
    ...(found && { found }),
  };
}

/** Pages of an earlier try that this one does not fill: its events were given to another record in between. */
const unfilled = (
  source: PageSource,
  planned: readonly PlannedPage[],
  filled: readonly Page[],
): PageKey[] => {
  const kept = new Set(filled.map(({ sk }) => sk));
  return planned.filter(({ sk }) => !kept.has(sk)).map(({ sk }) => ({ pk: pagePartition(source), sk }));
};

/** The claims and page keys of a record depend on the record alone, not on what is already stored (R5). */
export function planRecord(envelope: Envelope) {
  const { header, events } = envelope;
  const { tenant, slot, layout } = header;
  const source: PageSource = { tenant, slot, record: recordIdOf(header), layout };
  const planned = planPages(source, events);
  return { source, planned, claimAt: claimsOf(envelope, source.record, planned) };
}

/** Made only for events that need one: the digest is what costs. */
function claimsOf(
  { header, events }: Envelope,
  record: PageSource['record'],
  planned: readonly PlannedPage[],
): ClaimAt {
  const pageOf = new Map(planned.flatMap(({ sk, indexes }) => indexes.map((index) => [index, sk] as const)));
  return (index) => {
    const event = events[index] as AcceptedEvent;
    return {
      key: identityKey(header.tenant, event.event_id),
      record,
      page: pagePointer(header.slot, pageOf.get(index) ?? ''),
      digest: digestOf(event),
      receivedAtMs: header.receivedAtMs,
      untilMs: eventsExpireAtMs(header),
      expiresAtMs: guardsExpireAtMs(header),
    };
  };
}

function pagesOf(
  { header, events }: Envelope,
  source: PageSource,
  planned: readonly PlannedPage[],
  verdicts: readonly Classification[],
): Page[] {
  return planned.flatMap(({ sk, indexes }) => {
    const fresh = indexes.flatMap((index): AcceptedEvent[] => {
      const event = events[index];
      return event && verdicts[index] === 'mine' ? [event] : [];
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
