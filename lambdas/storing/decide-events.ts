// Decides each event of a record: new, or a duplicate of or a conflict with the event that has its id. An id that ingest
// made for this record is its own. An id that it made for another record is recognised, and the receipt of that record
// decides. Any other id is claimed.

import { digestOf } from '../../domain/event/digest.ts';
import type { Envelope, EnvelopeHeader } from '../../domain/record/envelope.ts';
import { bindsContent, hasMark, type MadeId, readMadeId } from '../../domain/record/made-id.ts';
import { recordName, recordNameOf } from '../../domain/record/record-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { type Classification, classify, type IdentityClaim } from '../../domain/storing/identity.ts';
import { type Origin, stateOfOrigin, voidReceipt } from '../../domain/storing/origin.ts';
import type { Counts, Identities } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

export type DecideEventsDeps = {
  readonly identities: Pick<Identities, 'claim'>;
  readonly counts: Pick<Counts, 'receipts' | 'commit'>;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
};

export type EventsToDecide = {
  readonly envelope: Envelope;
  /** In the order of the events. */
  readonly claims: readonly IdentityClaim[];
  /** The receipt of the record, if it is in quarantine or void. */
  readonly found?: Receipt | undefined;
};

export type Decided = {
  /** In the order of the events. */
  readonly verdicts: readonly Classification[];
  /** Claims that were held already. */
  readonly contested: number;
};

const maxTries = 5;

export async function decideEvents(
  deps: DecideEventsDeps,
  { envelope: { header, events }, claims, found }: EventsToDecide,
): Promise<Decided> {
  const verdicts = new Map<number, Classification>();
  const recognised = await recognise(deps, header, events, claims, found);
  const toClaim: number[] = [];
  for (const [index, by] of recognised) {
    if (by === 'claim') toClaim.push(index);
    else verdicts.set(index, by);
  }
  const own = toClaim.flatMap((index) => claims[index] ?? []);
  const results = await deps.identities.claim(own);
  results.forEach((result, at) => {
    const claim = own[at];
    const index = toClaim[at];
    if (!claim || index === undefined) return;
    verdicts.set(index, result.outcome === 'claimed' ? 'mine' : classify(claim, result.by));
  });
  return {
    verdicts: events.map((_, index) => verdicts.get(index) ?? 'mine'),
    contested: results.filter(({ outcome }) => outcome === 'held').length,
  };
}

type Recognised = ReadonlyMap<number, Classification | 'claim'>;

/** What of each event is known without a claim. */
async function recognise(
  deps: DecideEventsDeps,
  header: EnvelopeHeader,
  events: Envelope['events'],
  claims: readonly IdentityClaim[],
  found: Receipt | undefined,
): Promise<Recognised> {
  const known = new Map<number, Classification | 'claim'>();
  const sentBack: SentBack[] = [];
  for (const [index, event] of events.entries()) {
    // A record whose place was taken as void claims its ids as any other: they may have been given away.
    const isOwn = event.made?.includes('event_id') && found?.state !== 'void';
    const made = isOwn ? undefined : await madeHere(deps, header, event.event_id);
    if (made && recordName(header.tenant, made.id.record) !== recordNameOf(header)) {
      const digest = claims[index]?.digest ?? digestOf(event);
      const isSame = bindsContent(event.event_id, digest, header.tenant, made.secret);
      sentBack.push({ index, id: made.id, isSame });
    } else known.set(index, isOwn ? 'mine' : 'claim');
  }
  for (const [index, verdict] of await askOrigins(deps, header, sentBack)) known.set(index, verdict);
  return known;
}

async function madeHere({ platformKeys }: DecideEventsDeps, { tenant }: EnvelopeHeader, eventId: string) {
  const id = readMadeId(eventId);
  const key = id && (await platformKeys.find(id.keyNumber));
  return key && hasMark(eventId, tenant, key.secret) ? { id, secret: key.secret } : undefined;
}

type SentBack = { readonly index: number; readonly id: MadeId; readonly isSame: boolean };

async function askOrigins(
  deps: DecideEventsDeps,
  header: EnvelopeHeader,
  sentBack: readonly SentBack[],
): Promise<Recognised> {
  const known = new Map<number, Classification | 'claim'>();
  let open = sentBack;
  for (let attempt = 0; open.length > 0; attempt += 1) {
    if (attempt === maxTries)
      throw new Unavailable(`The records that ids name changed in each of ${maxTries} tries to read them.`);
    const origins = await readOrigins(deps, header, open);
    const lost = new Set<string>();
    for (const { index, id, isSame } of open) {
      const origin: Origin = { id, receipt: origins.get(id.record) };
      const state = stateOfOrigin(origin, header.receivedAtMs, isSame);
      if (state === 'held') known.set(index, isSame ? 'duplicate' : 'conflict');
      else if (state === 'free') known.set(index, 'claim');
      else if (await takePlace(deps, header, id)) {
        // The next events of this origin find it void.
        origins.set(id.record, voidReceipt(header.tenant, id));
        known.set(index, 'claim');
      } else lost.add(id.record);
    }
    open = open.filter(({ id }) => lost.has(id.record));
  }
  return known;
}

async function readOrigins(
  { counts }: DecideEventsDeps,
  { tenant }: EnvelopeHeader,
  sentBack: readonly SentBack[],
): Promise<Map<string, Receipt>> {
  const records = [...new Set(sentBack.map(({ id }) => id.record))];
  if (records.length === 0) return new Map();
  const receipts = await counts.receipts(records.map((record) => ({ tenant, record })));
  return new Map(receipts.map((receipt) => [receipt.record, receipt]));
}

/** False if the record has a receipt by now. */
async function takePlace(
  { counts }: DecideEventsDeps,
  { tenant }: EnvelopeHeader,
  id: MadeId,
): Promise<boolean> {
  const to = voidReceipt(tenant, id);
  const { outcome } = await counts.commit({ changes: [{ to }], documents: [], marks: [] });
  return outcome === 'committed';
}
