// What the verbs about records work with, in memory: the list and the receipts, the bucket, a stream, and the two
// functions that are called, as far as their answers go.

import type { KinesisStreamEvent } from 'aws-lambda';
import { MemoryBusiest } from '../../../adapters/accounts/memory-busiest.ts';
import { FunctionFailed } from '../../../adapters/aws/invoke-function.ts';
import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { MemoryFailedRecords } from '../../../adapters/quarantine/memory-failed-records.ts';
import type { ArrivedRecord } from '../../../adapters/record/kinesis-stream-reader.ts';
import { MemoryAccountLevels } from '../../../adapters/service-levels/memory-account-levels.ts';
import { MemoryTallySheets } from '../../../adapters/tally/memory-tally-sheets.ts';
import type { RecordAccess } from '../../../cli/record-access.ts';
import type { Receipt } from '../../../domain/counting/receipt.ts';
import type { AcceptedEvent } from '../../../domain/event/event.ts';
import { payloadName, streamKey, type Tenant } from '../../../domain/keys.ts';
import type { QuarantineReason, SettleAnswer, SettleRequest } from '../../../domain/quarantine/quarantine.ts';
import { makeSeed } from '../../../domain/record/batch-id.ts';
import {
  decodeEnvelope,
  type EnvelopeHeader,
  encodeBody,
  encodeEnvelope,
} from '../../../domain/record/envelope.ts';
import { placeOfRecord, type RecordId, recordId, recordIdOf } from '../../../domain/record/record-id.ts';
import { voidReceipt } from '../../../domain/storing/origin.ts';
import { changeOf, type RecordOutcome } from '../../../domain/storing/record-outcome.ts';
import { hourMs } from '../../../domain/system/time.ts';
import type { TestClock } from '../../support/clock.ts';
import { events, fresh } from '../../support/events.ts';

export const acme: Tenant = { account: 'acme', environment: 'production', generation: 0 };

const receivedAtMs = Date.parse('2026-11-21T10:00:00.000Z');
const seedCharacters = 20;

/** The id of the batch of this name. As any, it says when it was received: so its receipts are found. */
export const batchOf = (name: string, atMs = receivedAtMs): string => {
  const time = Buffer.from(makeSeed(atMs, new Uint8Array(9))).toString('base64url');
  return `${time.slice(0, 8)}${name}`.padEnd(seedCharacters, '_');
};
export const recordOf = (name: string, atMs?: number): RecordId => recordId(batchOf(name, atMs), 0);

/** The header of a record of the batch of this name. */
export const headerOf = (name: string, parts: Partial<EnvelopeHeader> = {}): EnvelopeHeader => ({
  tenant: acme,
  batchId: batchOf(name, parts.receivedAtMs),
  part: 0,
  parts: 1,
  slot: 0,
  late: false,
  kind: 'events',
  layout: 1,
  events: 2,
  receivedAtMs,
  retentionDays: 30,
  region: 'us-east-1',
  requestId: `request-${name}`,
  ...parts,
});

export const seal = (header: EnvelopeHeader, content: readonly AcceptedEvent[] = events(header.events)) =>
  encodeEnvelope(header, encodeBody(content));

export type QuarantineParts = Partial<EnvelopeHeader> & {
  readonly reason?: QuarantineReason;
  readonly cause?: string;
  readonly data?: Uint8Array;
};

export function startRecords(clock: TestClock) {
  const lanes = new MemoryLanes();
  const failedRecords = new MemoryFailedRecords(clock);
  const commit = (fate: RecordOutcome) =>
    lanes.commit({ changes: [changeOf(fate, clock.now())], documents: [], marks: [] });
  const fateOf = (header: EnvelopeHeader, found?: Receipt): RecordOutcome => ({
    header,
    ...fresh(events(header.events)),
    duplicates: 0,
    conflicts: 0,
    bytes: 100,
    ...(found && { found }),
  });

  const quarantine = async (name: string, parts: QuarantineParts = {}) => {
    const { reason = 'failed', cause, data, ...rest } = parts;
    const header = headerOf(name, rest);
    await failedRecords.put(payloadName(header.tenant, recordIdOf(header)), data ?? seal(header));
    await commit({
      ...fateOf(header),
      ...fresh([]),
      quarantined: { reason, ...(cause !== undefined && { cause }) },
    });
    return recordIdOf(header);
  };

  const requests: SettleRequest[] = [];
  /** What settle answers for a record instead of settling it; an error is thrown. */
  const answers = new Map<string, SettleAnswer | Error>();
  const settle = async (request: SettleRequest): Promise<SettleAnswer> => {
    requests.push(request);
    const { action, ...place } = request;
    const answer = answers.get(place.record);
    if (answer instanceof Error) throw answer;
    if (answer) return answer;
    const [from] = await lanes.receipts([place]);
    if (from?.state !== 'quarantined') return { outcome: 'not_in_quarantine' };
    const to: Receipt = { ...from, state: action === 'replay' ? 'counted' : 'discarded' };
    await lanes.commit({ changes: [{ from, to }], documents: [], marks: [] });
    return action === 'replay'
      ? { outcome: 'stored', stored: from.accepted, duplicates: 0, conflicts: 0 }
      : { outcome: 'discarded' };
  };

  const handed: KinesisStreamEvent[] = [];
  /** Of batches: those that end the function, that it cannot finish, that it quarantines. */
  const troubles = new Map<string, 'crashes' | 'is held' | 'is quarantined'>();
  const consume = async (event: KinesisStreamEvent) => {
    handed.push(event);
    const opened = event.Records.map(({ kinesis }) => ({
      itemIdentifier: kinesis.sequenceNumber,
      header: tryHeader(Buffer.from(kinesis.data, 'base64')),
    }));
    if (opened.some(({ header }) => troubles.get(header?.batchId ?? '') === 'crashes'))
      throw new FunctionFailed('weir-dev-consume failed: Runtime.ExitError');
    const isHeld = ({ header }: (typeof opened)[number]) => troubles.get(header?.batchId ?? '') === 'is held';
    for (const { header } of opened.filter((record) => !isHeld(record))) {
      if (!header) continue;
      const isQuarantined = troubles.get(header.batchId) === 'is quarantined';
      const [found] = await lanes.receipts([placeOfRecord(header)]);
      const fate = fateOf(header, found);
      await commit(isQuarantined ? { ...fate, ...fresh([]), quarantined: { reason: 'failed' } } : fate);
    }
    return { batchItemFailures: opened.filter(isHeld).map(({ itemIdentifier }) => ({ itemIdentifier })) };
  };

  const shards = new Map<string, ArrivedRecord[]>([['events/shard-0', []]]);
  const shardOf = (name: string) => name.slice(name.indexOf('/') + 1);
  const arrive = (
    data: Uint8Array,
    { stream = 'events', ...parts }: Partial<ArrivedRecord> & { readonly stream?: string } = {},
  ): ArrivedRecord => {
    const { shardId = 'shard-0' } = parts;
    const place = `${stream}/${shardId}`;
    const record: ArrivedRecord = {
      shardId,
      sequenceNumber: `${[...shards.values()].flat().length + 1}`,
      partitionKey: streamKey(acme, 0, false),
      data,
      arrivedAtMs: clock.now() - hourMs,
      ...parts,
    };
    shards.set(place, [...(shards.get(place) ?? []), record]);
    return record;
  };

  const busiest = new MemoryBusiest();
  const levels = new MemoryAccountLevels();
  const sheets = new MemoryTallySheets();
  const access: RecordAccess = {
    quarantine: lanes.quarantine,
    lanes,
    sheets,
    busiest,
    levels,
    failedRecords,
    bucket: 'failed-records',
    functions: {
      invoke: (verb, input) =>
        verb === 'settle' ? settle(input as SettleRequest) : consume(input as KinesisStreamEvent),
    },
    streams: ['events', 'late-events'].map((name) => ({
      describe: async () => ({
        arn: `arn:aws:kinesis:eu-central-1:1:stream/${name}`,
        retentionMs: 24 * hourMs,
      }),
      // Streams name their shards alike.
      shardIds: async () =>
        [...shards.keys()].flatMap((each) => (each.startsWith(`${name}/`) ? [shardOf(each)] : [])),
      read: async function* (shardId, fromMs, toMs) {
        const within = (shards.get(`${name}/${shardId}`) ?? []).filter(
          ({ arrivedAtMs }) => arrivedAtMs >= fromMs && arrivedAtMs < toMs,
        );
        for (let at = 0; at < within.length; at += 150) yield within.slice(at, at + 150);
      },
    })),
  };
  const count = (header: EnvelopeHeader) => commit(fateOf(header));
  /** Takes the place of the record, which has not come. */
  const takePlace = async (name: string) => {
    const { receivedAtMs, retentionDays, slot } = headerOf(name);
    const id = { record: recordOf(name), index: 0, slot, late: false, receivedAtMs, timestamp: receivedAtMs };
    await lanes.putReceipts([voidReceipt(acme, { ...id, retentionDays, keyNumber: 0 })]);
  };
  return {
    access,
    lanes,
    sheets,
    busiest,
    levels,
    void: takePlace,
    failedRecords,
    quarantine,
    count,
    requests,
    answers,
    handed,
    troubles,
    arrive,
  };
}

function tryHeader(data: Uint8Array): EnvelopeHeader | undefined {
  try {
    return decodeEnvelope(data).header;
  } catch {
    return undefined;
  }
}
