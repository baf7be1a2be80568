// Compares the tally of one quarter of an hour with what became of its records: receipts, the generations of accounts, and
// the bucket of failed records. What has no outcome and is too young for one is in flight.

import type { Tenant } from '../../domain/keys.ts';
import { letterPrefixes, unreadableName } from '../../domain/keys.ts';
import { readDeadLetter } from '../../domain/quarantine/dead-letters.ts';
import { UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { nameOfPlace, type RecordName, recordNameOf } from '../../domain/record/record-id.ts';
import { eventsWithoutOutcome, isDecided, type Outcome, readOutcomes } from '../../domain/tally/outcomes.ts';
import { amountsOf, inFlightMs, type Sheet, type TalliedRecord } from '../../domain/tally/sheet.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { isOf, type TenantFilter } from '../tenants.ts';

export type Amount = { readonly records: number; readonly events: number };
/** Events. */
export type Outcomes = Record<
  'stored' | 'duplicates' | 'conflicts' | 'quarantined' | 'discarded' | 'dropped',
  number
>;

/** `shard` with its stream, and `sequences` of the sheet, between which the record is. */
export type Finding = {
  readonly record: TalliedRecord;
  readonly shard: string;
  readonly sequences: string;
  readonly arrivedToMs: number;
  /** Present if it has one, of another number of events. */
  readonly outcome?: Outcome;
};
export type UnreadableFinding = { readonly shard: string; readonly sequence: string };

export type QuarterAudit = {
  readonly names: ReadonlySet<RecordName>;
  readonly tallied: Amount;
  readonly outcomes: Outcomes;
  readonly inFlight: readonly Finding[];
  readonly missing: readonly Finding[];
  /** Not in the bucket. */
  readonly unreadable: readonly UnreadableFinding[];
};

export const noOutcomes: Outcomes = {
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  quarantined: 0,
  discarded: 0,
  dropped: 0,
};

export const addOutcomes = (a: Outcomes, b: Outcomes): Outcomes =>
  Object.fromEntries(
    Object.entries(a).map(([name, events]) => [name, events + b[name as keyof Outcomes]]),
  ) as Outcomes;

export type Audited = {
  readonly operator: Pick<Operator, 'accounts' | 'clock'>;
  readonly access: Pick<RecordAccess, 'sheets' | 'lanes' | 'failedRecords'>;
  readonly filter: TenantFilter;
};

type OnSheet = { readonly record: TalliedRecord; readonly sheet: Sheet };

/** `before`: the records of the quarter before. The stream may hold one again. */
export async function auditQuarter(
  { operator, access, filter }: Audited,
  quarterMs: number,
  before: ReadonlySet<RecordName> = new Set(),
): Promise<QuarterAudit> {
  const records = new Map<RecordName, OnSheet>();
  const unreadable: (UnreadableFinding & { readonly arrivedToMs: number })[] = [];
  for await (const sheet of access.sheets.ofQuarter(quarterMs)) {
    for (const record of sheet.tallied) {
      const name = nameOfPlace(record);
      if (isOf(record.lane.tenant, filter) && !before.has(name) && !records.has(name))
        records.set(name, { record, sheet });
    }
    const { shard } = placeOnStream(sheet);
    // They belong to no known account.
    if (filter.account === undefined && filter.environment === undefined)
      for (const sequence of sheet.unreadable)
        unreadable.push({ shard, sequence, arrivedToMs: sheet.arrivedToMs });
  }
  const all = [...records.values()];
  const outcomes = await readOutcomes(
    access.lanes,
    all.map(({ record }) => record),
  );
  const isDropped = await droppedAccounts(
    operator,
    all.filter(({ record }) => !isDecided(outcomes.get(nameOfPlace(record)))),
  );
  const sum = { ...noOutcomes };
  const inFlight: Finding[] = [];
  const missing: Finding[] = [];
  const settledMs = operator.clock.now() - inFlightMs;
  for (const { record, sheet } of all) {
    const outcome = outcomes.get(nameOfPlace(record));
    if (isDecided(outcome)) addTo(sum, outcome);
    else if (isDropped(record.lane.tenant)) {
      sum.dropped += record.events;
      continue;
    }
    if (eventsWithoutOutcome(record, outcome) === 0) continue;
    const finding = { record, ...placeOnStream(sheet), arrivedToMs: sheet.arrivedToMs };
    if (isDecided(outcome)) missing.push({ ...finding, outcome });
    else (sheet.arrivedToMs > settledMs ? inFlight : missing).push(finding);
  }
  return {
    names: new Set(records.keys()),
    tallied: amountsOf(all.map(({ record }) => record)),
    outcomes: sum,
    inFlight,
    missing,
    unreadable: await notInBucket(
      access,
      unreadable.filter(({ arrivedToMs }) => arrivedToMs <= settledMs),
    ),
  };
}

function addTo(sum: Outcomes, { state, accepted, stored, duplicates, conflicts }: Outcome): void {
  if (state === 'quarantined') sum.quarantined += accepted;
  else if (state === 'discarded') sum.discarded += accepted;
  else {
    sum.stored += stored;
    sum.duplicates += duplicates;
    sum.conflicts += conflicts;
  }
}

const placeOnStream = ({ name }: Pick<Sheet, 'name'>) => {
  const [shard = '', sequences = ''] = name.split('#');
  return { shard, sequences };
};

async function droppedAccounts(
  { accounts }: Audited['operator'],
  undecided: readonly OnSheet[],
): Promise<(tenant: Tenant) => boolean> {
  const generations = new Map<string, number>();
  for (const { record } of undecided) {
    const { account } = record.lane.tenant;
    if (!generations.has(account)) generations.set(account, await accounts.generationOf(account));
  }
  return ({ account, generation }) => generation < (generations.get(account) ?? 0);
}

async function notInBucket(
  { failedRecords }: Audited['access'],
  unreadable: readonly UnreadableFinding[],
): Promise<UnreadableFinding[]> {
  const absent: UnreadableFinding[] = [];
  for (const { shard, sequence } of unreadable)
    if (!(await failedRecords.get(unreadableName(sequence)))) absent.push({ shard, sequence });
  return absent;
}

/** The records that wait in the bucket until settle quarantines them, with the name of their object. */
export async function recordsInBucket({
  failedRecords,
}: Audited['access']): Promise<ReadonlyMap<RecordName, string>> {
  const found = new Map<RecordName, string>();
  for (const prefix of letterPrefixes)
    for await (const { name } of failedRecords.list(prefix)) {
      const object = await failedRecords.get(name);
      if (!object) continue;
      for (const { data, partitionKey } of readDeadLetter(object).records) {
        const record = nameOf(data, partitionKey);
        if (record) found.set(record, name);
      }
    }
  return found;
}

function nameOf(data: Uint8Array, partitionKey: string): RecordName | undefined {
  try {
    return recordNameOf(readRecordHeader(data, partitionKey));
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return undefined;
  }
}
