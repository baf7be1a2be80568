// Decides each event of a few records: new, or a duplicate of or a conflict with the event that has its id. An id that
// ingest made for its record is its own. An id that it made for another record is recognised, and the receipt of that
// record decides. Any other id is claimed. The calls of all records go together, in the order in which they arrived.

import type { Lanes } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { digestOf } from '../../domain/event/digest.ts';
import type { Envelope, EnvelopeHeader } from '../../domain/record/envelope.ts';
import { bindsContent, hasMark, type MadeId, readMadeId } from '../../domain/record/made-id.ts';
import { nameOfPlace, type RecordName, recordIdOf } from '../../domain/record/record-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { type Classification, classify, type IdentityClaim } from '../../domain/storing/identity.ts';
import { placeOfOrigin, stateOfOrigin, voidReceipt } from '../../domain/storing/origin.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';
import { eventsExpireAtMs } from '../../domain/storing/record-outcome.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

export type DecideEventsDeps = {
  readonly identities: Pick<Identities, 'claim'>;
  readonly lanes: Pick<Lanes, 'receipts' | 'putReceipts'>;
  readonly platformKeys: Pick<PlatformKeys, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** The claim of the event at an index. */
export type ClaimAt = (index: number) => IdentityClaim;

export type RecordToDecide = {
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

/** A record whose verdicts are being found. */
type Open = RecordToDecide & {
  readonly mayHaveLost: boolean;
  readonly verdicts: (Classification | undefined)[];
  contested: number;
  isUndecided: boolean;
};

/** In the order of the records. Undefined if the table did not decide a claim of the record in any try. */
export async function decideEvents(
  deps: DecideEventsDeps,
  records: readonly RecordToDecide[],
): Promise<(Decided | undefined)[]> {
  const open = records.map((record) => begin(deps, record));
  await recognise(deps, open);
  await claimRest(deps, open);
  return open.map(({ verdicts, contested, mayHaveLost, isUndecided }) =>
    isUndecided
      ? undefined
      : { verdicts: verdicts.map((verdict) => verdict ?? 'mine'), contested, mayHaveLost },
  );
}

function begin({ clock }: DecideEventsDeps, record: RecordToDecide): Open {
  const { header, events } = record.envelope;
  // They were given away while its place was void, or are free since its retention has ended: it claims them, too.
  const mayHaveLost = record.found?.wasVoid === true || clock.now() > eventsExpireAtMs(header);
  const verdicts = events.map((event) =>
    event.made?.includes('event_id') && !mayHaveLost ? 'mine' : undefined,
  );
  return { ...record, mayHaveLost, verdicts, contested: 0, isUndecided: false };
}

type ToClaim = { readonly record: Open; readonly index: number; readonly claim: IdentityClaim };

/** An id that several records have is claimed for the first of them. The holder decides the others, without a call. */
async function claimRest({ identities }: DecideEventsDeps, records: readonly Open[]): Promise<void> {
  const toClaim = records.flatMap((record) =>
    [...record.verdicts.keys()]
      .filter((index) => record.verdicts[index] === undefined)
      .map((index): ToClaim => ({ record, index, claim: record.claimAt(index) })),
  );
  let waiting = [...Map.groupBy(toClaim, ({ claim }) => claim.key).values()].flatMap(arrivalsOf);
  while (waiting.length > 0) {
    const results = await identities.claim(waiting.map(({ first }) => first.claim));
    waiting = waiting.flatMap((arrivals, at) =>
      arrivalsOf(decideInOrder(arrivals, results[at] ?? { outcome: 'undecided' })),
    );
  }
}

/** Claims of one id, in the order in which their records arrived. */
type Arrivals = { readonly first: ToClaim; readonly later: readonly ToClaim[] };

const arrivalsOf = ([first, ...later]: readonly ToClaim[]): Arrivals[] => (first ? [{ first, later }] : []);

/** Returns those that are not decided yet: the first one that is received after the time of the holder, and all after it. */
function decideInOrder({ first, later }: Arrivals, result: ClaimResult): readonly ToClaim[] {
  note(first, result);
  if (result.outcome === 'undecided') {
    // To claim the id for one of them would give it to a record that came later.
    for (const each of later) note(each, result);
    return [];
  }
  const by = result.outcome === 'claimed' ? first.claim : result.by;
  const isFree = ({ claim }: ToClaim) => claim.receivedAtMs > by.untilMs;
  const freeAt = later.findIndex(isFree);
  const held = freeAt === -1 ? later : later.slice(0, freeAt);
  for (const each of held) note(each, { outcome: 'held', by });
  return later.slice(held.length);
}

function note({ record, index, claim }: ToClaim, result: ClaimResult): void {
  if (result.outcome === 'undecided') record.isUndecided = true;
  else record.verdicts[index] = result.outcome === 'claimed' ? 'mine' : classify(claim, result.by);
  if (result.outcome === 'held') record.contested += 1;
}

/** Ids that another record made, and still holds. All others are claimed. */
async function recognise(deps: DecideEventsDeps, records: readonly Open[]): Promise<void> {
  const sentBack: SentBack[] = [];
  const secretOf = secrets(deps);
  for (const record of records) {
    const { header, events } = record.envelope;
    for (const [index, event] of events.entries()) {
      if (record.verdicts[index] !== undefined) continue;
      const made = await madeHere(secretOf, header, event.event_id);
      if (!made || made.id.record === recordIdOf(header)) continue;
      const isSame = bindsContent(event.event_id, digestOf(event), header.tenant, made.secret);
      sentBack.push({ record, index, id: made.id, isSame });
    }
  }
  await askOrigins(deps, sentBack);
}

type SecretOf = (keyNumber: number) => Promise<Uint8Array | undefined>;

/** Each number is looked up once: a client chooses the ids that it sends. */
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

type SentBack = {
  readonly record: Open;
  readonly index: number;
  readonly id: MadeId;
  readonly isSame: boolean;
};

const originOf = ({ record, id }: SentBack) => placeOfOrigin(record.envelope.header.tenant, id);
const originName = (sentBack: SentBack): RecordName => nameOfPlace(originOf(sentBack));

async function askOrigins(deps: DecideEventsDeps, all: readonly SentBack[]): Promise<void> {
  const origins = await readOrigins(deps, all);
  for (const sentBack of all) {
    const { record, index, id, isSame } = sentBack;
    const { receivedAtMs } = record.envelope.header;
    const stateNow = () =>
      stateOfOrigin({ id, receipt: origins.get(originName(sentBack)) }, receivedAtMs, isSame);
    if (stateNow() === 'nobody') origins.set(originName(sentBack), await takePlace(deps, sentBack));
    if (stateNow() === 'held') record.verdicts[index] = isSame ? 'duplicate' : 'conflict';
  }
}

async function readOrigins(
  { lanes }: DecideEventsDeps,
  all: readonly SentBack[],
): Promise<Map<RecordName, Receipt>> {
  const places = new Map(all.map((sentBack) => [originName(sentBack), originOf(sentBack)]));
  if (places.size === 0) return new Map();
  const receipts = await lanes.receipts([...places.values()]);
  return new Map(receipts.map((receipt) => [nameOfPlace(receipt), receipt]));
}

/** The void receipt, or the one that the record has by now. */
async function takePlace({ lanes }: DecideEventsDeps, sentBack: SentBack): Promise<Receipt> {
  const receipt = voidReceipt(sentBack.record.envelope.header.tenant, sentBack.id);
  const [result] = await lanes.putReceipts([receipt]);
  if (result === 'put') return receipt;
  const [found] = await lanes.receipts([receipt]);
  if (!found) throw new Unavailable('The place of a record could not be taken, or its receipt read.');
  return found;
}
