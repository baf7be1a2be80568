// One try of the records of an invocation. Each ends counted, in quarantine, or open: then something around is away.

import type { Counts, FailedRecords } from '../../domain/ports.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { foldRecords } from '../../domain/storing/counting.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import {
  type RecordFate,
  type RecordName,
  recordIdOf,
  recordName,
  recordNameOf,
} from '../../domain/storing/record-outcome.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Meter } from '../runtime/telemetry.ts';
import type { CountDeps } from '../storing/count-records.ts';
import { keepUnreadable, setAsideRecords, type UnreadableRecord } from '../storing/quarantine-records.ts';
import type { StoreDeps } from '../storing/store-record.ts';
import { count, decide } from './decide.ts';
import { surviving } from './surviving.ts';
import type { TellDeps } from './tell-records.ts';
import type { OwnedRecord } from './wire.ts';

export type TryDeps = StoreDeps &
  CountDeps &
  TellDeps & {
    readonly counts: Counts;
    readonly failedRecords: Pick<FailedRecords, 'put'>;
    readonly meter: Meter;
  };

export type OpenRecords = {
  readonly owned: readonly OwnedRecord[];
  readonly unreadable: readonly UnreadableRecord[];
};

export type Invocation = { readonly takenMs: number; readonly hasTime: () => boolean };

const recordsAtOnce = 4;

/** Answers with the records that are still to do. */
export async function tryRecords(
  deps: TryDeps,
  { owned, unreadable }: OpenRecords,
  invocation: Invocation,
): Promise<OpenRecords> {
  const ended = new Set<OwnedRecord | UnreadableRecord>();
  const isOpen = (record: OwnedRecord | UnreadableRecord) => !ended.has(record);
  await surviving(deps, headersOf(owned), async () => {
    const receipts = await receiptsOf(deps, owned);
    for (const record of owned) if (isSettled(receipts.get(record.name))) ended.add(record);
    await tryOwned(deps, owned.filter(isOpen), {
      ...invocation,
      receipts,
      end: (record) => ended.add(record),
    });
  });
  for (const record of unreadable) {
    if (!invocation.hasTime()) break;
    await surviving(deps, [], async () => {
      await keepUnreadable(deps, record);
      ended.add(record);
    });
  }
  return { owned: owned.filter(isOpen), unreadable: unreadable.filter(isOpen) };
}

/** R3: nothing else is touched for it. */
const isSettled = (receipt: Receipt | undefined): boolean =>
  receipt !== undefined && receipt.state !== 'quarantined';

type Receipts = ReadonlyMap<RecordName, Receipt>;

async function receiptsOf({ counts }: TryDeps, records: readonly OwnedRecord[]): Promise<Receipts> {
  const receipts = await counts.receipts(
    records.map(({ header }) => ({ tenant: header.tenant, record: recordIdOf(header) })),
  );
  return new Map(receipts.map((receipt) => [recordName(receipt.tenant, receipt.record), receipt]));
}

async function tryOwned(
  deps: TryDeps,
  records: readonly OwnedRecord[],
  {
    receipts,
    end,
    ...invocation
  }: Invocation & { readonly receipts: Receipts; readonly end: (record: OwnedRecord) => void },
): Promise<void> {
  const { hasTime } = invocation;
  const fates = await mapBounded(records, recordsAtOnce, async (record) =>
    hasTime()
      ? surviving(deps, [record.header], () => decide(deps, record, receipts.get(record.name)))
      : undefined,
  );
  const byName = new Map(records.map((record) => [record.name, record]));
  const recordOf = ({ header }: RecordFate) => byName.get(recordNameOf(header));
  const aside: RecordFate[] = [];
  const stored: RecordFate[] = [];
  for (const fate of fates) if (fate) (fate.setAside ? aside : stored).push(fate);
  for (const fold of foldRecords(stored)) {
    for (const fate of await count(deps, fold, invocation)) {
      const record = recordOf(fate);
      if (fate.setAside) aside.push(fate);
      else if (record) end(record);
    }
  }
  for (const { header, setAside } of aside) {
    const record = byName.get(recordNameOf(header));
    if (!record || !setAside || !hasTime()) continue;
    await surviving(deps, [header], async () => {
      await setAsideRecords(deps, [{ header, data: record.data, setAside }]);
      end(record);
    });
  }
}

const headersOf = (records: readonly OwnedRecord[]): EnvelopeHeader[] => records.map(({ header }) => header);
