import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Admission,
  admit,
  giveBack,
  inOrder,
  wentElsewhere,
} from '../../../src/services/kinesis/stream-limits/admit.ts';
import { LimitedShard } from '../../../src/services/kinesis/stream-limits/limited-shard.ts';

const recordsPerSecond = 1000;
const bytesPerSecond = 1_048_576;
const keysOfShard = 100;

const shards = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      new LimitedShard({
        ShardId: `shard-${index}`,
        HashKeyRange: {
          StartingHashKey: `${index * keysOfShard}`,
          EndingHashKey: `${(index + 1) * keysOfShard - 1}`,
        },
        SequenceNumberRange: {},
      }),
  );

/** Small and many, or large and few, so that either limit is met. */
const bytes = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: bytesPerSecond }));
const entry = fc.record({ hashKey: fc.bigInt({ min: 0n, max: 299n }), bytes });
const many = fc
  .tuple(entry, fc.integer({ min: 1, max: 500 }))
  .map(([one, count]) => Array.from({ length: count }, () => one));
const request = fc.oneof(many, fc.array(entry, { minLength: 1, maxLength: 30 }));
const requests = fc.array(fc.tuple(fc.integer({ min: 0, max: 1500 }), request), { maxLength: 25 });

describe('a shard', () => {
  it('lets through at most burst + rate * t in any interval of t seconds, of records and of bytes', () => {
    fc.assert(
      fc.property(requests, (arriving) => {
        const open = shards(3);
        const taken: { atMs: number; admission: Admission }[] = [];
        let nowMs = 0;
        for (const [waitMs, entries] of arriving) {
          nowMs += waitMs;
          for (const admission of admit(entries, open, nowMs) ?? [])
            if (admission.isAdmitted) taken.push({ atMs: nowMs, admission });
        }
        for (const shard of open) {
          const ofShard = taken.filter(({ admission }) => admission.shard === shard);
          for (const fromMs of new Set(ofShard.map(({ atMs }) => atMs)))
            for (const toMs of new Set(ofShard.map(({ atMs }) => atMs))
              .values()
              .filter((atMs) => atMs >= fromMs)) {
              const within = ofShard.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
              const seconds = 1 + (toMs - fromMs) / 1000;
              expect(within.length).toBeLessThanOrEqual(recordsPerSecond * seconds);
              const sum = within.reduce((total, { admission }) => total + admission.bytes, 0);
              expect(sum).toBeLessThanOrEqual(bytesPerSecond * seconds);
            }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never refuses who keeps to the rate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: bytesPerSecond }), { maxLength: 50 }), (sizes) => {
        const open = shards(1);
        let nowMs = 0;
        for (const size of sizes) {
          nowMs += Math.ceil((size / bytesPerSecond) * 1000);
          expect(admit([{ hashKey: 0n, bytes: size }], open, nowMs)).toMatchObject([{ isAdmitted: true }]);
        }
      }),
    );
  });

  it('takes as much as a new one after all was given back', () => {
    fc.assert(
      fc.property(request, request, (first, second) => {
        const open = shards(3);
        giveBack(admit(first, open, 0) ?? []);

        const told = (admissions: readonly Admission[] | undefined) =>
          admissions?.map(({ isAdmitted }) => isAdmitted);
        expect(told(admit(second, open, 0))).toEqual(told(admit(second, shards(3), 0)));
      }),
    );
  });
});

describe('the answer', () => {
  it('has an entry for each record, in its place: what was forwarded and what was refused are all', () => {
    fc.assert(
      fc.property(request, (entries) => {
        const numbered = entries.map((one, index) => ({ ...one, index }));
        const admissions = admit(numbered, shards(3), 0) ?? [];
        const forwarded = numbered.filter((_, index) => admissions[index]?.isAdmitted);
        const answered = forwarded.map(({ index }) => ({ SequenceNumber: `${index}` }));

        const { Records, FailedRecordCount } = inOrder(admissions, answered, 'events');

        expect(Records).toHaveLength(entries.length);
        expect(FailedRecordCount + forwarded.length).toBe(entries.length);
        for (const [index, { isAdmitted, shard }] of admissions.entries())
          expect(Records[index]).toEqual(
            isAdmitted
              ? { SequenceNumber: `${index}` }
              : {
                  ErrorCode: 'ProvisionedThroughputExceededException',
                  ErrorMessage: `Rate exceeded for shard ${shard.shardId} in stream events under account 000000000000.`,
                },
          );
      }),
    );
  });

  it('counts what the engine itself says has failed', () => {
    const admissions = admit([{ hashKey: 0n, bytes: 1 }], shards(1), 0) ?? [];

    expect(inOrder(admissions, [{ ErrorCode: 'InternalFailure' }], 'events').FailedRecordCount).toBe(1);
  });

  it('tells that shards are others than those that are known', () => {
    const full = { hashKey: 0n, bytes: bytesPerSecond };
    const admissions = admit([full, full, { hashKey: 100n, bytes: 1 }], shards(2), 0) ?? [];

    expect(wentElsewhere(admissions, [{ ShardId: 'shard-0' }, { ShardId: 'shard-1' }])).toBe(false);
    expect(wentElsewhere(admissions, [{ ShardId: 'shard-0' }, { ShardId: 'shard-2' }])).toBe(true);
  });
});

it('takes nothing from any shard where one hash key is in none', () => {
  const open = shards(1);

  expect(
    admit(
      [
        { hashKey: 0n, bytes: 1 },
        { hashKey: 100n, bytes: 1 },
      ],
      open,
      0,
    ),
  ).toBeUndefined();
  expect(open[0]?.state()).toMatchObject({ let_through: { records: 0 }, refused: { records: 0 } });
});
