// One try of the records of an invocation. Afterwards each is counted, in quarantine, or still open because a dependency
// is unavailable.

import type { FailedRecords } from '../../domain/quarantine/port.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { type RecordName, recordIdOf, recordName, recordNameOf } from '../../domain/record/record-id.ts';
import { foldRecords } from '../../domain/storing/counting.ts';
import type { Counts } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import type { RecordOutcome } from '../../domain/storing/record-outcome.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { keepUnreadable, quarantineRecords, type UnreadableRecord } from '../storing/quarantine-records.ts';
import { count, type DecideDeps, type Invocation, storeOrFindCause, unlessUnavailable } from './decide.ts';
import type { OwnedRecord } from './wire.ts';

export type TryDeps = DecideDeps & {
  readonly counts: Counts;
  readonly failedRecords: Pick<FailedRecords, 'put'>;
};

export type OpenRecords = {
  readonly owned: readonly OwnedRecord[];
  readonly unreadable: readonly UnreadableRecord[];
};

const recordsAtOnce = 4;

/** Returns the records that are still open. */
export async function tryRecords(
  deps: TryDeps,
  { owned, unreadable }: OpenRecords,
  invocation: Invocation,
): Promise<OpenRecords> {
  const ended = new Set<OwnedRecord | UnreadableRecord>();
  const isOpen = (record: OwnedRecord | UnreadableRecord) => !ended.has(record);
  await unlessUnavailable(deps, headersOf(owned), async () => {
    const receipts = await receiptsOf(deps, owned);
    for (const record of owned) if (isDecided(receipts.get(record.name))) ended.add(record);
    await tryOwned(deps, owned.filter(isOpen), {
      ...invocation,
      receipts,
      end: (record) => ended.add(record),
    });
  });
  for (const record of unreadable) {
    if (!invocation.hasTime()) break;
    await unlessUnavailable(deps, [], async () => {
      await keepUnreadable(deps, record);
      ended.add(record);
    });
  }
  return { owned: owned.filter(isOpen), unreadable: unreadable.filter(isOpen) };
}

/** R3: for such a record nothing else is read or written. */
const isDecided = (receipt: Receipt | undefined): boolean =>
  receipt !== undefined && receipt.state !== 'quarantined' && receipt.state !== 'void';

type ReceiptsByName = ReadonlyMap<RecordName, Receipt>;

async function receiptsOf({ counts }: TryDeps, records: readonly OwnedRecord[]): Promise<ReceiptsByName> {
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
  }: Invocation & { readonly receipts: ReceiptsByName; readonly end: (record: OwnedRecord) => void },
): Promise<void> {
  const { hasTime } = invocation;
  const outcomes = await mapBounded(records, recordsAtOnce, async (record) =>
    hasTime()
      ? unlessUnavailable(deps, [record.header], () =>
          storeOrFindCause(deps, record, receipts.get(record.name)),
        )
      : undefined,
  );
  const byName = new Map(records.map((record) => [record.name, record]));
  const recordOf = ({ header }: RecordOutcome) => byName.get(recordNameOf(header));
  const toQuarantine: RecordOutcome[] = [];
  const stored: RecordOutcome[] = [];
  for (const outcome of outcomes) if (outcome) (outcome.quarantined ? toQuarantine : stored).push(outcome);
  for (const fold of foldRecords(stored)) {
    for (const outcome of await count(deps, fold, invocation)) {
      const record = recordOf(outcome);
      if (outcome.quarantined) toQuarantine.push(outcome);
      else if (record) end(record);
    }
  }
  for (const { header, quarantined } of toQuarantine) {
    const record = byName.get(recordNameOf(header));
    if (!record || !quarantined || !hasTime()) continue;
    await unlessUnavailable(deps, [header], async () => {
      await quarantineRecords(deps, [{ header, data: record.data, cause: quarantined }]);
      end(record);
    });
  }
}

const headersOf = (records: readonly OwnedRecord[]): EnvelopeHeader[] => records.map(({ header }) => header);
