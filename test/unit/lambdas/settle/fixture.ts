// The settle function on memory adapters, and ways to look at their state.

import { failureRecord } from '@weir/twin/parts';
import { vi } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryFailedRecords } from '../../../../adapters/quarantine/memory-failed-records.ts';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemoryIdentities } from '../../../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../../../adapters/storing/memory-pages.ts';
import { imbalanceOf } from '../../../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { deadLetterName, type Lane, lambdaPrefix, streamKey, type Tenant } from '../../../../domain/keys.ts';
import { writeDeadLetter } from '../../../../domain/quarantine/dead-letters.ts';
import type {
  QuarantineReason,
  SettleAnswer,
  SettleRequest,
} from '../../../../domain/quarantine/quarantine.ts';
import { encodeBody, encodeEnvelope, readHeader } from '../../../../domain/record/envelope.ts';
import { placeOfRecord, recordId, recordIdOf } from '../../../../domain/record/record-id.ts';
import type { RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { settleReceipts } from '../../../../lambdas/counting/settle-receipts.ts';
import { createSettle, type SettleDeps } from '../../../../lambdas/settle/settle.ts';
import { quarantineRecords } from '../../../../lambdas/storing/quarantine-records.ts';
import { storeAndCount } from '../../../../lambdas/storing/store-and-count.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { events, nowMs } from '../../../support/events.ts';
import { TestMeter } from '../../../support/meter.ts';
import { readHoursOf } from '../../../support/read-hours.ts';

export const tenant = { account: 'acme', environment: 'production', generation: 0 };
export const lane: Lane = { tenant, slot: 0, late: false };
export const record = 'b.0' as const;
export const key = `${lambdaPrefix}mapping/shardId-0/object`;
export const arrived = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'bucket' }, object: { key } },
};
export const tick = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
export const asked = (action: SettleRequest['action']): SettleRequest => ({
  action,
  lane,
  record,
  receivedAtMs: nowMs,
});

export function sealed(
  list: readonly AcceptedEvent[] = events(5),
  more: { readonly batchId?: string; readonly receivedAtMs?: number; readonly tenant?: Tenant } = {},
): Uint8Array {
  const header = {
    tenant,
    batchId: 'b',
    part: 0,
    parts: 1,
    slot: 0,
    late: false,
    kind: 'events' as const,
    layout: 1 as const,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'us-east-1',
    requestId: 'request-1',
    ...more,
  };
  return encodeEnvelope(header, encodeBody(list));
}

/** A record with a readable header and a damaged body. */
export function damaged(): Uint8Array {
  const data = Buffer.from(sealed());
  data.writeUInt8((data.at(-1) ?? 0) ^ 1, data.length - 1);
  return data;
}

/** A poison record: our own code throws because one of its events is null. */
export const poison = (): Uint8Array => sealed([null as unknown as AcceptedEvent]);

/** Where the record was on the stream; for one without a readable header, where that of the tenant are. */
function partitionKeyOf(data: Uint8Array): string {
  try {
    const { tenant: owner, slot, late } = readHeader(data);
    return streamKey(owner, slot, late);
  } catch {
    return streamKey(tenant, 0, false);
  }
}

/** A dead letter as the mapping of the twin writes it, which is as Lambda documents it. */
export function deadLetter(records: readonly Uint8Array[], outcome?: 'failed' | 'reported'): Uint8Array {
  const settings = { id: 'mapping', functionArn: 'f', roleArn: 'r', streamArn: 's' } as Parameters<
    typeof failureRecord
  >[0];
  const work = {
    records: records.map((data, index) => ({
      SequenceNumber: String(index + 1),
      PartitionKey: partitionKeyOf(data),
      Data: Buffer.from(data).toString('base64'),
      ApproximateArrivalTimestamp: nowMs / 1000,
    })),
    retries: 8,
    invocations: 9,
  };
  const outcomes = {
    failed: { kind: 'failed', reason: 'Unhandled' },
    reported: { kind: 'partly-failed', firstFailed: 0, reason: 'reported' },
  } as const;
  const reason = {
    condition: 'RetryAttemptsExhausted',
    requestId: 'i',
    outcome: outcome && outcomes[outcome],
  } as const;
  const { metadata, payload } = failureRecord(settings, 'shardId-0', work, reason, nowMs);
  return Buffer.from(JSON.stringify({ ...metadata, payload }));
}

export class World {
  readonly clock = new TestClock(nowMs + 40);
  readonly identities = new MemoryIdentities();
  readonly pages = new MemoryPages();
  readonly lanes = new MemoryLanes();
  readonly quarantine = this.lanes.quarantine;
  readonly rejections = new MemoryRejections();
  readonly failedRecords = new MemoryFailedRecords(this.clock);
  readonly platformKeys = new MemoryPlatformKeys(seededRandom(9));
  readonly meter = new TestMeter();
  /** Of accounts that were deleted. */
  readonly generations = new Map<string, number>();
  readonly logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

  deps(): SettleDeps {
    const { clock, identities, pages, lanes, quarantine, failedRecords, meter, logger } = this;
    const pauses = { contested: async () => undefined };
    const { platformKeys, rejections } = this;
    return {
      clock,
      identities,
      pages,
      lanes,
      quarantine,
      rejections,
      platformKeys,
      failedRecords,
      meter,
      logger,
      pauses,
      generations: { of: async () => this.generations },
    };
  }

  settle(event: unknown, deps: SettleDeps = this.deps(), remainingMs = () => 300_000) {
    return createSettle(deps)(event, remainingMs);
  }

  putDeadLetter(records: readonly Uint8Array[] = [sealed()], outcome?: 'failed' | 'reported'): Promise<void> {
    return this.failedRecords.put(key, deadLetter(records, outcome));
  }

  /** As consume writes a dead letter. Returns the name of the object. */
  async putLaneLetter(data: Uint8Array = sealed()): Promise<string> {
    const header = readHeader(data);
    const name = deadLetterName(header.tenant, recordIdOf(header), 'digest');
    const letter = { sequenceNumber: '1', partitionKey: partitionKeyOf(data), data };
    await this.failedRecords.put(name, writeDeadLetter([letter]));
    return name;
  }

  async quarantined(reason: QuarantineReason = 'crashed', data: Uint8Array = sealed()): Promise<void> {
    const header = readHeader(data);
    await quarantineRecords(this.deps(), [{ header, data, cause: { reason } }]);
  }

  ask(action: SettleRequest['action'], deps?: SettleDeps): Promise<SettleAnswer> {
    return this.settle(asked(action), deps) as Promise<SettleAnswer>;
  }

  /** What a consumer does with the record from the stream. Returns it if this call has counted it. */
  async consume(
    data: Uint8Array = sealed(),
    deps: SettleDeps = this.deps(),
  ): Promise<readonly RecordOutcome[]> {
    const header = readHeader(data);
    const receipts = await deps.lanes.receipts([placeOfRecord(header)]);
    await settleReceipts(deps, receipts);
    const [found] = receipts;
    if (found && found.state !== 'quarantined') return [];
    const [fate] = await storeAndCount(deps, [{ header, data, found }], () => true);
    if (fate?.outcome === 'open' || fate?.outcome === 'failed') throw fate.error;
    return fate?.outcome === 'counted' ? [fate.record] : [];
  }

  async receipt(batchId = 'b') {
    return (await this.lanes.receipts([{ lane, record: recordId(batchId, 0), receivedAtMs: nowMs }]))[0];
  }

  entry() {
    return this.quarantine.find({ lane, record, receivedAtMs: nowMs });
  }

  /** Of any time, without those that remove payloads: each record has one until its events would have expired. */
  async jobs() {
    const all = await Array.fromAsync(this.quarantine.jobs(Number.MAX_SAFE_INTEGER));
    return all.filter(({ kind }) => kind !== 'expire');
  }

  async names(prefix = ''): Promise<string[]> {
    return (await Array.fromAsync(this.failedRecords.list(prefix))).map(({ name }) => name);
  }

  async total(): Promise<number> {
    const { hours } = await readHoursOf(this, lane);
    return [...hours.values()].reduce((sum, { total }) => sum + total.count, 0);
  }

  async intake() {
    const { intakes } = await readHoursOf(this, lane);
    const [intake, ...others] = intakes.values();
    if (!intake || others.length > 0) throw new Error(`Expected one intake, found ${intakes.size}.`);
    // Whether it was in time depends on how often it was tried.
    const { slow: _slow, ...counted } = intake;
    return { ...counted, imbalance: imbalanceOf(intake) };
  }

  /** The state that must be the same however it was reached: without attempts, leases and due times. */
  async state() {
    const { state, stored, duplicates, reason } = (await this.receipt()) ?? {};
    return {
      receipt: { state, stored, duplicates, reason },
      total: await this.total(),
      intake: await this.intake(),
      events: this.pages.eventIds().toSorted(),
      claimed: [...this.identities.held.keys()].toSorted(),
      inList: (await this.entry()) !== undefined,
      jobs: (await this.jobs()).map(({ kind }) => kind),
      bucket: await this.names(),
    };
  }
}

/** The port with some of its calls replaced. */
export const withCalls = <Port extends object>(port: Port, calls: Partial<Port>): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const member = Reflect.get(calls, name) ?? Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
