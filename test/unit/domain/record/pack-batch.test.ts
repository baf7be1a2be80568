import { expect, it } from 'vitest';
import { validateBatch } from '../../../../domain/event/batch.ts';
import { digestOf } from '../../../../domain/event/digest.ts';
import { makeSeed, seedOfBatchId } from '../../../../domain/record/batch-id.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../../domain/record/envelope.ts';
import { bindsContent, hasMark, readMadeId } from '../../../../domain/record/made-id.ts';
import { packBatch } from '../../../../domain/record/pack-batch.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const key = { number: 1, secret: seededRandom(7).bytes(32) };
const seed = makeSeed(nowMs, seededRandom(3).bytes(9));
const props = { tenant, key, seed, slot: 2, retentionDays: 30 };
const batchId = Buffer.from(seed).toString('base64url');

const packed = (inputs: readonly object[]) => {
  const { packs, assigned } = packBatch(
    validateBatch(inputs, { account: 'acme', receivedAtMs: nowMs }),
    props,
  );
  const records = packs.map(({ late, body }, part) => {
    const header = { kind: 'events', tenant, batchId, part, parts: packs.length, slot: 2, late } as const;
    const rest = { layout: 1, receivedAtMs: nowMs, retentionDays: 30, region: 'r', requestId: 'r' } as const;
    return decodeEnvelope(encodeEnvelope({ ...header, ...rest }, body)).events;
  });
  return { records, assigned };
};

it('gives an id to each event that has none, and names it by its place in the request', () => {
  const { records, assigned } = packed([
    { type: 'a' },
    { type: 7 },
    { event_id: 'b', type: 'b' },
    { type: 'c' },
  ]);

  expect(assigned.map(({ index }) => index)).toEqual([0, 3]);
  expect(records[0]?.map(({ event_id }) => event_id)).toEqual([
    assigned[0]?.event_id,
    'b',
    assigned[1]?.event_id,
  ]);
});

it('makes ids that say in which record their events are, also where a batch is cut', () => {
  const old = Array.from({ length: 40 }, (_, index) => ({
    type: 'late',
    timestamp: nowMs - 3 * dayMs - index * hourMs,
  }));

  const { records, assigned } = packed([...old, { type: 'live' }]);

  expect(records.map(({ length }) => length)).toEqual([1, 32, 8]);
  for (const [part, events] of records.entries())
    for (const [index, event] of events.entries()) {
      expect(readMadeId(event.event_id)).toMatchObject({
        record: `${seedOfBatchId(batchId)}.${part}`,
        index,
        slot: 2,
        late: part > 0,
        timestamp: event.timestamp,
      });
      expect(hasMark(event.event_id, tenant, key.secret)).toBe(true);
      expect(bindsContent(event.event_id, digestOf(event), tenant, key.secret)).toBe(true);
    }
  expect(assigned.map(({ index }) => index)).toEqual(Array.from({ length: 41 }, (_, index) => index));
  expect(new Set(assigned.map(({ event_id }) => event_id)).size).toBe(41);
});

it('makes the same ids again from the same seed', () => {
  expect(packed([{ type: 'a' }])).toEqual(packed([{ type: 'a' }]));
});

/** An idempotency key keeps the seed and settings of a batch, and no release may make other records of them. */
it('packs a batch as every release before', () => {
  const inputs = Array.from({ length: 120 }, (_, index) => ({
    type: `type-${index % 7}`,
    ...(index % 3 === 0 && { event_id: `named-${index}` }),
    timestamp: nowMs - index * 7 * hourMs,
  })).slice(0, 100);

  const { records, assigned } = packed(inputs);

  expect(records.map(({ length }) => length)).toEqual([4, 32, 32, 32]);
  expect(assigned.at(-1)).toEqual({
    index: 98,
    event_id: 'AaH9o0xgPIzfx2Ldo2MIABABAgdLrQAAHgHdm6QYyBj9dJQ1',
  });
});
