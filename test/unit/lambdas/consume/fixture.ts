// The consumer on memory adapters, and ways to look at their state.

import { vi } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { MemoryFailedRecords } from '../../../../adapters/quarantine/memory-failed-records.ts';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemoryIdentities } from '../../../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../../../adapters/storing/memory-pages.ts';
import { type RunLimits, runLimits } from '../../../../domain/counting/next-run.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { addIntake, emptyIntake, type Intake } from '../../../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { deadLetterPrefix, type Lane, streamKey } from '../../../../domain/keys.ts';
import { readDeadLetter } from '../../../../domain/quarantine/dead-letters.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { type EnvelopeHeader, encodeBody, encodeEnvelope } from '../../../../domain/record/envelope.ts';
import type { OutgoingRecord } from '../../../../domain/record/port.ts';
import { readRecordHeader } from '../../../../domain/record/record-header.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import type { Span } from '../../../../domain/system/trace.ts';
import { type ConsumeDeps, createConsume } from '../../../../lambdas/consume/consume.ts';
import { createPublishLag } from '../../../../lambdas/consume/publish-lag.ts';
import { RefusedLanes } from '../../../../lambdas/consume/refused-lanes.ts';
import { Tallies } from '../../../../lambdas/counting/tallies.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { kinesisEvent } from '../../../support/kinesis.ts';
import { lane } from '../../../support/lanes.ts';
import { TestMeter } from '../../../support/meter.ts';
import { readHoursOf } from '../../../support/read-hours.ts';

export const { tenant } = lane;

export const recordOf = (
  batchId: string,
  list: readonly AcceptedEvent[],
  receivedAtMs = nowMs,
  more: Partial<
    Pick<EnvelopeHeader, 'tenant' | 'slot' | 'late' | 'retentionDays' | 'trace' | 'requestId'>
  > = {},
): OutgoingRecord => ({
  partitionKey: streamKey(more.tenant ?? tenant, more.slot ?? 0, more.late ?? false),
  data: encodeEnvelope(
    {
      tenant,
      batchId,
      part: 0,
      parts: 1,
      slot: 0,
      late: false,
      kind: 'events',
      layout: 1,
      receivedAtMs,
      retentionDays: 30,
      region: 'us-east-1',
      requestId: 'r',
      ...more,
    },
    encodeBody(list),
  ),
});

export class World {
  readonly identities = new MemoryIdentities();
  readonly pages = new MemoryPages();
  readonly lanes = new MemoryLanes();
  readonly rejections = new MemoryRejections();
  readonly failedRecords = new MemoryFailedRecords();
  readonly platformKeys = new MemoryPlatformKeys(seededRandom(9));
  readonly meter = new TestMeter();
  readonly clock = new TestClock(nowMs + 40);
  readonly spans: Span[] = [];
  readonly logger = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  readonly limits: RunLimits;
  readonly tallies: Tallies;
  readonly refusedLanes = new RefusedLanes();
  readonly lags = new MemoryLags();
  /** Of accounts that were deleted. */
  readonly generations = new Map<string, number>();

  constructor(limits = runLimits) {
    this.limits = limits;
    this.tallies = new Tallies(limits);
  }

  deps(): ConsumeDeps {
    const { identities, pages, lanes, failedRecords, platformKeys, meter, clock, logger } = this;
    return {
      ...{ identities, pages, lanes, failedRecords, platformKeys, meter, clock, logger },
      quarantine: lanes.quarantine,
      rejections: this.rejections,
      ...{
        limits: this.limits,
        tallies: this.tallies,
        refusedLanes: this.refusedLanes,
        publishLag: createPublishLag(this),
        generations: { of: async () => this.generations },
        random: seededRandom(),
      },
      spans: { end: (span) => this.spans.push(span) },
      pauses: {
        unavailable: (attempt) => clock.sleep(attempt === 0 ? 500 : 10_000),
        contested: () => clock.sleep(1),
      },
    };
  }

  /** Each invocation has the time of the function's timeout, by the clock of the test. */
  readonly consume = (...records: OutgoingRecord[]) => {
    const endMs = this.clock.nowMs + delivery.consumeTimeoutSeconds * 1000;
    return createConsume(this.deps())(kinesisEvent(records), () => endMs - this.clock.nowMs);
  };

  /** The batches of the records in each dead letter that the consumer has written. */
  readonly deadLettered = async (): Promise<string[][]> => {
    const names = (await Array.fromAsync(this.failedRecords.list(deadLetterPrefix))).map(({ name }) => name);
    const objects = await Promise.all(names.map((name) => this.failedRecords.get(name)));
    return objects.map((object) =>
      readDeadLetter(object ?? new Uint8Array()).records.map(
        ({ data, partitionKey }) => readRecordHeader(data, partitionKey).batchId,
      ),
    );
  };

  readonly total = async (own: Lane = lane): Promise<number> => {
    const { hours } = await readHoursOf(this, own);
    return [...hours.values()].reduce((sum, { total }) => sum + total.count, 0);
  };

  readonly intake = async (own: Lane = lane): Promise<Intake> =>
    [...(await readHoursOf(this, own)).intakes.values()].reduce(addIntake, emptyIntake);

  /** Of the first record of the batch, whenever it was received. */
  readonly receipt = (batchId: string): Receipt | undefined =>
    [...this.lanes.stored.values()].find(({ record }) => record === recordId(batchId, 0));
}
