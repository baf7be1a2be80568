// Stores records: separates new events from duplicates and conflicts, and writes the pages of the new ones. Any number of
// tries, by any number of consumers, ends in the same state. Records go a few together, as many as memory allows.

import type { Receipt } from '../../domain/counting/receipt.ts';
import { deltasOf } from '../../domain/documents/delta.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { identityKey, laneKey } from '../../domain/keys.ts';
import {
  type DecodedEnvelope,
  decodeEnvelope,
  type Envelope,
  type EnvelopeHeader,
} from '../../domain/record/envelope.ts';
import { laneOf, recordIdOf } from '../../domain/record/record-id.ts';
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
import {
  eventsExpireAtMs,
  guardsExpireAtMs,
  type RecordOutcome,
} from '../../domain/storing/record-outcome.ts';
import { verdictsToBytes } from '../../domain/storing/verdicts.ts';
import { PartitionUnavailable, Unavailable } from '../../domain/system/unavailable.ts';
import { retryLaneByLane } from '../counting/lane-by-lane.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { type ClaimAt, type Decided, type DecideEventsDeps, decideEvents } from './decide-events.ts';
import { inLaneOrder } from './lane-order.ts';

export type StoreDeps = DecideEventsDeps & {
  readonly pages: Pick<Pages, 'write' | 'remove'>;
  readonly meter: Pick<Meter, 'count'>;
};

/** `found` is the receipt of the record, if it is in quarantine or void. */
export type RecordToStore = {
  readonly header: EnvelopeHeader;
  readonly data: Uint8Array;
  readonly found?: Receipt | undefined;
};

/** failed: the record or our own code is at fault. open: to be tried again. */
export type Stored =
  | { readonly outcome: 'stored'; readonly record: RecordOutcome }
  | { readonly outcome: 'failed'; readonly error: unknown }
  | { readonly outcome: 'open'; readonly error: Unavailable };

/** Of the events of records that are stored together, as JSON. The objects take several times as much. */
const maxTogetherBytes = 4 * 1024 * 1024;

/** In the order of the records. Without time no more are begun. */
export function storeRecords(
  deps: StoreDeps,
  records: readonly RecordToStore[],
  hasTime: () => boolean,
): Promise<Stored[]> {
  return inLaneOrder(records, async (left): Promise<Stored[]> => {
    if (!hasTime()) return left.map(() => open('There is no time left to store it.'));
    return storeTogether(deps, openSome(left), hasTime);
  });
}

type Opened = RecordToStore & { readonly envelope?: DecodedEnvelope; readonly error?: unknown };

function openSome(records: readonly RecordToStore[]): Opened[] {
  const opened: Opened[] = [];
  let bytes = 0;
  for (const record of records) {
    if (bytes >= maxTogetherBytes) break;
    try {
      const envelope = decodeEnvelope(record.data);
      bytes += envelope.bodyBytes;
      opened.push({ ...record, envelope });
    } catch (error) {
      opened.push({ ...record, error });
    }
  }
  return opened;
}

async function storeTogether(
  deps: StoreDeps,
  opened: readonly Opened[],
  hasTime: () => boolean,
): Promise<Stored[]> {
  const readable = opened.flatMap((each) => (each.envelope ? { ...each, envelope: each.envelope } : []));
  const stored = await storeReadable(deps, readable, hasTime);
  let next = 0;
  return opened.map(({ envelope, error }): Stored => {
    if (!envelope) return { outcome: 'failed', error };
    next += 1;
    return stored[next - 1] as Stored;
  });
}

type Readable = RecordToStore & { readonly envelope: DecodedEnvelope };

async function storeReadable(
  deps: StoreDeps,
  records: readonly Readable[],
  hasTime: () => boolean,
): Promise<Stored[]> {
  try {
    return await storeAll(deps, records);
  } catch (error) {
    if (error instanceof Unavailable) return storeByLane(deps, records, error, hasTime);
    if (records.length === 1) return [{ outcome: 'failed', error }];
    // One record is at fault: alone, the others are stored.
    return inLaneOrder(records, (left) => storeReadable(deps, left.slice(0, 1), hasTime));
  }
}

/** By themselves, the records of the lanes that are not throttled are stored. */
async function storeByLane(
  deps: StoreDeps,
  records: readonly Readable[],
  error: Unavailable,
  hasTime: () => boolean,
): Promise<Stored[]> {
  const open: Stored = { outcome: 'open', error };
  if (new Set(records.map(({ header }) => laneKey(laneOf(header)))).size === 1)
    return records.map(() => open);
  const stored = new Map<Readable, Stored>();
  const work = async (ofLane: readonly Readable[]) => {
    const fates = await storeReadable(deps, ofLane, hasTime);
    if (fates.every(({ outcome }) => outcome === 'open')) throw error;
    ofLane.forEach((record, index) => {
      stored.set(record, fates[index] as Stored);
    });
  };
  await retryLaneByLane(records, ({ header }) => laneOf(header), work, hasTime);
  return records.map((record) => stored.get(record) ?? open);
}

type Filled = Readable & { readonly plan: Plan; readonly decided: Decided; readonly pages: readonly Page[] };

async function storeAll(deps: StoreDeps, records: readonly Readable[]): Promise<Stored[]> {
  const planned = records.map((record) => ({ ...record, plan: planRecord(record.envelope) }));
  const decided = await decideEvents(
    deps,
    planned.map(({ plan, ...record }) => ({ ...record, claimAt: plan.claimAt })),
  );
  const filled = planned.map((record, index): Filled | undefined => {
    const verdicts = decided[index];
    return verdicts && { ...record, decided: verdicts, pages: pagesOf(record, verdicts) };
  });
  const missing = await writePages(
    deps,
    filled.flatMap((record) => record ?? []),
  );
  return filled.map((record): Stored => {
    if (!record) return refused('Some ids of the record could not be claimed in any try.');
    if (record.pages.some((page) => missing.has(pageName(page))))
      return refused('Some pages of the record could not be written in any try.');
    const { contested } = record.decided;
    if (contested > 0) deps.meter.count(metricNames.contestedClaims, contested);
    return { outcome: 'stored', record: outcomeOf(record) };
  });
}

const open = (why: string): Stored => ({ outcome: 'open', error: new Unavailable(why) });
const refused = (why: string): Stored => ({ outcome: 'open', error: new PartitionUnavailable(why) });

const pageName = ({ pk, sk }: PageKey): string => `${pk} ${sk}`;

/** Returns the names of pages that could not be written. */
async function writePages({ pages }: StoreDeps, filled: readonly Filled[]): Promise<ReadonlySet<string>> {
  const unfilled = filled
    .filter(({ decided }) => decided.mayHaveLost)
    .flatMap(({ plan, pages: own }) => unfilledOf(plan, own));
  if (unfilled.length > 0) await pages.remove(unfilled);
  return new Set((await pages.write(filled.flatMap((record) => record.pages))).map(pageName));
}

function outcomeOf({ header, data, envelope, plan, decided, found }: Filled): RecordOutcome {
  const { verdicts } = decided;
  const fresh = envelope.events.filter((_, index) => verdicts[index] === 'mine');
  const bytesOfVerdicts = verdictsToBytes(verdicts);
  const [firstPage] = plan.pages;
  return {
    header,
    stored: fresh.length,
    deltas: deltasOf(fresh),
    duplicates: verdicts.filter((verdict) => verdict === 'duplicate').length,
    conflicts: verdicts.filter((verdict) => verdict === 'conflict').length,
    bytes: data.length,
    ...(fresh.length > 0 && firstPage && { pageWidth: widthOf(firstPage) }),
    ...(bytesOfVerdicts && { verdicts: bytesOfVerdicts }),
    ...(found && { found }),
  };
}

/** Pages of an earlier try that this one does not fill: its events were given to another record in between. */
function unfilledOf({ source, pages: planned }: Plan, filled: readonly Page[]): PageKey[] {
  const kept = new Set(filled.map(({ sk }) => sk));
  return planned.filter(({ sk }) => !kept.has(sk)).map(({ sk }) => ({ pk: pagePartition(source), sk }));
}

type Plan = {
  readonly source: PageSource;
  readonly pages: readonly PlannedPage[];
  readonly claimAt: ClaimAt;
};

/** The claims and page keys of a record depend on the record alone, not on what is already stored (R5). */
export function planRecord(envelope: DecodedEnvelope): Plan {
  const { header, events, bodyBytes } = envelope;
  const { tenant, slot, layout } = header;
  const source: PageSource = { tenant, slot, record: recordIdOf(header), layout };
  const pages = planPages(source, events, bodyBytes);
  return { source, pages, claimAt: claimsOf(envelope, source.record, pages) };
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
  { envelope: { header, events }, plan }: { readonly envelope: Envelope; readonly plan: Plan },
  { verdicts }: { readonly verdicts: readonly Classification[] },
): Page[] {
  return plan.pages.flatMap(({ sk, indexes }) => {
    const fresh = indexes.flatMap((index): AcceptedEvent[] => {
      const event = events[index];
      return event && verdicts[index] === 'mine' ? [event] : [];
    });
    if (fresh.length === 0) return [];
    return [
      {
        pk: pagePartition(plan.source),
        sk,
        events: fresh,
        receivedAtMs: header.receivedAtMs,
        region: header.region,
        expiresAtMs: eventsExpireAtMs(header),
      },
    ];
  });
}
