// Hands records of the stream to the consumer, and reads from their receipts before and after what became of each.
// Records that are counted or discarded are skipped, as are those in quarantine for a reason of their own. Records that
// an outage put in quarantine are handed over: after a long outage this stores all of them at once.

import type { KinesisStreamBatchResponse } from 'aws-lambda';
import { FunctionFailed } from '../../adapters/aws/invoke-function.ts';
import type { ArrivedRecord } from '../../adapters/record/kinesis-stream-reader.ts';
import type { Receipt, ReceiptState } from '../../domain/counting/receipt.ts';
import { type Tenant, unreadableName } from '../../domain/keys.ts';
import { passesByItself } from '../../domain/quarantine/quarantine.ts';
import { type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { readRecordHeader } from '../../domain/record/record-header.ts';
import { nameOfPlace, placeOfRecord, type RecordName, recordNameOf } from '../../domain/record/record-id.ts';
import type { RecordAccess } from '../record-access.ts';
import { cutChunks, kinesisEventOf } from './chunks.ts';

/**
 * already_…: there was nothing to do. repeated: it is in the stream twice. to_count: in a dry run, it would be handed
 * over. kept: its account cannot be read. failed: the consumer could not finish it. crashed: it ended the consumer, alone.
 */
export type ReplayOutcome =
  | 'already_counted'
  | 'already_quarantined'
  | 'already_discarded'
  | 'already_kept'
  | 'repeated'
  | 'to_count'
  | 'counted'
  | 'quarantined'
  | 'kept'
  | 'failed'
  | 'crashed';

export type Replayed = {
  readonly of: ArrivedRecord;
  readonly outcome: ReplayOutcome;
  /** New events, if it was counted now. */
  readonly stored: number;
};

const already: Readonly<Record<ReceiptState, ReplayOutcome | undefined>> = {
  void: undefined,
  counted: 'already_counted',
  quarantined: 'already_quarantined',
  discarded: 'already_discarded',
};

type Opened = { readonly of: ArrivedRecord; readonly header: EnvelopeHeader | undefined };

export type ReplayOfStream = {
  readonly streamArn: string;
  readonly dryRun: boolean;
  /** Enters in the audit log of the account that records of it are about to be handed over. */
  readonly enter: (tenant: Tenant) => Promise<void>;
};

export async function replayRecords(
  access: RecordAccess,
  arrived: readonly ArrivedRecord[],
  { streamArn, dryRun, enter }: ReplayOfStream,
): Promise<Replayed[]> {
  // Rejections have no receipt, and no event that could be missing.
  const opened = arrived
    .map((of): Opened => ({ of, header: headerOf(of) }))
    .filter(({ header }) => header?.kind !== 'rejections');
  const [first, repeated] = withoutRepeats(opened);
  const before = await receiptsOf(access, first);
  const replayed: Replayed[] = repeated.map(({ of }) => ({ of, outcome: 'repeated', stored: 0 }));
  const todo: Opened[] = [];
  for (const record of first) {
    const outcome = await alreadyOf(access, record, before);
    if (outcome) replayed.push({ of: record.of, outcome, stored: 0 });
    else if (dryRun) replayed.push({ of: record.of, outcome: 'to_count', stored: 0 });
    else todo.push(record);
  }
  for (const { header } of todo) if (header) await enter(header.tenant);
  const failures = new Map<string, Failure>();
  for (const chunk of cutChunks(todo.map(({ of }) => of)))
    for (const [sequenceNumber, failure] of await handOver(access, chunk, streamArn))
      failures.set(sequenceNumber, failure);
  const after = await receiptsOf(access, todo);
  return [...replayed, ...todo.map((record) => outcomeOf(record, after, failures))];
}

type Failure = 'failed' | 'crashed';
type Failures = readonly (readonly [sequenceNumber: string, Failure])[];

function outcomeOf(
  { of, header }: Opened,
  after: ReadonlyMap<RecordName, Receipt>,
  failures: ReadonlyMap<string, Failure>,
): Replayed {
  const receipt = header && after.get(recordNameOf(header));
  if (receipt?.state === 'counted') return { of, outcome: 'counted', stored: receipt.stored };
  // A record that an outage put in quarantine has a receipt, whatever became of it now.
  const failure = failures.get(of.sequenceNumber) ?? (receipt ? 'quarantined' : header ? 'failed' : 'kept');
  return { of, outcome: failure, stored: 0 };
}

async function alreadyOf(
  { failedRecords }: RecordAccess,
  { of, header }: Opened,
  receipts: ReadonlyMap<RecordName, Receipt>,
): Promise<ReplayOutcome | undefined> {
  if (header) {
    const receipt = receipts.get(recordNameOf(header));
    if (receipt?.state === 'quarantined' && receipt.reason && passesByItself(receipt.reason))
      return undefined;
    return receipt && already[receipt.state];
  }
  return (await failedRecords.get(unreadableName(of.sequenceNumber))) ? 'already_kept' : undefined;
}

/** Resolves to the records that could not be finished. As a mapping does, it halves a batch that crashes. */
async function handOver(
  access: RecordAccess,
  chunk: readonly ArrivedRecord[],
  streamArn: string,
): Promise<Failures> {
  try {
    const answer = (await access.functions.invoke('consume', kinesisEventOf(chunk, streamArn))) as
      | KinesisStreamBatchResponse
      | undefined;
    return (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => [itemIdentifier, 'failed']);
  } catch (error) {
    if (!(error instanceof FunctionFailed)) throw error;
    const [only, another] = chunk;
    if (only && !another) return [[only.sequenceNumber, 'crashed']];
    const half = Math.ceil(chunk.length / 2);
    return [
      ...(await handOver(access, chunk.slice(0, half), streamArn)),
      ...(await handOver(access, chunk.slice(half), streamArn)),
    ];
  }
}

async function receiptsOf(
  { lanes }: RecordAccess,
  records: readonly Opened[],
): Promise<ReadonlyMap<RecordName, Receipt>> {
  const known = records.flatMap(({ header }) => header ?? []);
  const receipts = await lanes.receipts(known.map(placeOfRecord));
  return new Map(receipts.map((receipt) => [nameOfPlace(receipt), receipt]));
}

function withoutRepeats(opened: readonly Opened[]): [Opened[], Opened[]] {
  const first = new Map<string, Opened>();
  const repeated: Opened[] = [];
  for (const record of opened) {
    const name = record.header ? recordNameOf(record.header) : record.of.sequenceNumber;
    if (first.has(name)) repeated.push(record);
    else first.set(name, record);
  }
  return [[...first.values()], repeated];
}

function headerOf({ data, partitionKey }: ArrivedRecord): EnvelopeHeader | undefined {
  try {
    return readRecordHeader(data, partitionKey);
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return undefined;
  }
}
