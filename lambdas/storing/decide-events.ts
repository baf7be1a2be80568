// Decides each event of a record: new, or a duplicate of or a conflict with the event that has its id. An id that ingest
// made for this record is its own. An id that it made for another record is recognised, and the receipt of that record
// decides. Any other id is claimed.

import { digestOf } from '../../domain/event/digest.ts';
import type { Envelope, EnvelopeHeader } from '../../domain/record/envelope.ts';
import { bindsContent, hasMark, type MadeId, readMadeId } from '../../domain/record/made-id.ts';
import { recordIdOf } from '../../domain/record/record-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { type Classification, classify, type IdentityClaim } from '../../domain/storing/identity.ts';
import { stateOfOrigin, voidReceipt } from '../../domain/storing/origin.ts';
import type { Counts, Identities } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { eventsExpireAtMs } from '../../domain/storing/record-outcome.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

export type DecideEventsDeps = {
  readonly identities: Pick<Identities, 'claim'>;
  readonly counts: Pick<Counts, 'receipts' | 'commit'>;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** The claim of the event at an index. */
export type ClaimAt = (index: number) => IdentityClaim;

export type EventsToDecide = {
  readonly envelope: Envelope;
  readonly claimAt: ClaimAt;
  /** The receipt of the record, if it is in quarantine or void. */
  readonly found?: Receipt | undefined;
};

export type Decided = {
  /** In the order of the events. */
  readonly verdicts: readonly Classification[];
  /** Claims that were held already. */
  readonly contested: number;
  /** The ids that the record made may belong to others, and an earlier try may have stored their events. */
  readonly mayHaveLost: boolean;
};

export async function decideEvents(
  deps: DecideEventsDeps,
  { envelope: { header, events }, claimAt, found }: EventsToDecide,
): Promise<Decided> {
  // They were given away while its place was void, or are free since its retention has ended: it claims them, too.
  const mayHaveLost = found?.wasVoid === true || deps.clock.now() > eventsExpireAtMs(header);
  const verdicts: (Classification | undefined)[] = events.map((event) =>
    event.made?.includes('event_id') && !mayHaveLost ? 'mine' : undefined,
  );
  for (const [index, verdict] of await recognise(deps, header, events, verdicts)) verdicts[index] = verdict;
  const toClaim = [...verdicts.keys()].filter((index) => verdicts[index] === undefined);
  const claims = toClaim.map(claimAt);
  const results = await deps.identities.claim(claims);
  results.forEach((result, at) => {
    const [index, claim] = [toClaim[at], claims[at]];
    if (index === undefined || !claim) return;
    verdicts[index] = result.outcome === 'claimed' ? 'mine' : classify(claim, result.by);
  });
  return {
    verdicts: verdicts.map((verdict) => verdict ?? 'mine'),
    contested: results.filter(({ outcome }) => outcome === 'held').length,
    mayHaveLost,
  };
}

type Recognised = ReadonlyMap<number, Classification>;

/** The verdicts on ids that another record made and still holds. All others are claimed. */
async function recognise(
  deps: DecideEventsDeps,
  header: EnvelopeHeader,
  events: Envelope['events'],
  decided: readonly (Classification | undefined)[],
): Promise<Recognised> {
  const sentBack: SentBack[] = [];
  const secretOf = secrets(deps);
  for (const [index, event] of events.entries()) {
    if (decided[index] !== undefined) continue;
    const made = await madeHere(secretOf, header, event.event_id);
    if (!made || made.id.record === recordIdOf(header)) continue;
    const isSame = bindsContent(event.event_id, digestOf(event), header.tenant, made.secret);
    sentBack.push({ index, id: made.id, isSame });
  }
  return askOrigins(deps, header, sentBack);
}

type SecretOf = (keyNumber: number) => Promise<Uint8Array | undefined>;

/** Each number is looked up once a record: a client chooses the ids that it sends. */
function secrets({ platformKeys }: DecideEventsDeps): SecretOf {
  const known = new Map<number, ReturnType<SecretOf>>();
  return (keyNumber) => {
    const secret = known.get(keyNumber) ?? platformKeys.find(keyNumber).then((key) => key?.secret);
    known.set(keyNumber, secret);
    return secret;
  };
}

async function madeHere(secretOf: SecretOf, { tenant }: EnvelopeHeader, eventId: string) {
  const id = readMadeId(eventId);
  const secret = id && (await secretOf(id.keyNumber));
  return secret && hasMark(eventId, tenant, secret) ? { id, secret } : undefined;
}

type SentBack = { readonly index: number; readonly id: MadeId; readonly isSame: boolean };

async function askOrigins(
  deps: DecideEventsDeps,
  header: EnvelopeHeader,
  sentBack: readonly SentBack[],
): Promise<Recognised> {
  const held = new Map<number, Classification>();
  const origins = await readOrigins(deps, header, sentBack);
  for (const { index, id, isSame } of sentBack) {
    const stateNow = () =>
      stateOfOrigin({ id, receipt: origins.get(id.record) }, header.receivedAtMs, isSame);
    if (stateNow() === 'nobody') origins.set(id.record, await takePlace(deps, header, id));
    if (stateNow() === 'held') held.set(index, isSame ? 'duplicate' : 'conflict');
  }
  return held;
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

/** The void receipt, or the one that the record has by now. */
async function takePlace(
  { counts }: DecideEventsDeps,
  { tenant }: EnvelopeHeader,
  id: MadeId,
): Promise<Receipt> {
  const to = voidReceipt(tenant, id);
  const { outcome } = await counts.commit({ changes: [{ to }], documents: [], marks: [] });
  if (outcome === 'committed') return to;
  const [found] = await counts.receipts([{ tenant, record: id.record }]);
  if (!found) throw new Unavailable('A receipt was deleted while it was read.');
  return found;
}
