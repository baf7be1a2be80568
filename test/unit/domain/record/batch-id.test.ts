import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  makeBatchId,
  makeEventId,
  makeSeed,
  readBatchId,
  slotOf,
} from '../../../../domain/record/batch-id.ts';
import { seededRandom } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';

const acme = { account: 'acme', environment: 'production' };
const secret = seededRandom(7).bytes(32);
const seed = makeSeed(nowMs, seededRandom(3).bytes(8));
const one = { parts: 1, events: 1 };

it.each([
  { parts: 1, events: 1 },
  { parts: 3, events: 500 },
  { parts: 500, events: 500 },
])('carries its time and its size: %j', (size) => {
  expect(readBatchId(makeBatchId(seed, size, acme, secret), acme, secret)).toEqual({
    receivedAtMs: nowMs,
    ...size,
  });
});

it.each([
  ['another account', { account: 'other', environment: 'production' }],
  ['another environment', { account: 'acme', environment: 'staging' }],
])('is unknown for %s', (_, tenant) => {
  expect(readBatchId(makeBatchId(seed, one, acme, secret), tenant, secret)).toBeUndefined();
});

it('is unknown if any character of it is changed', () => {
  const id = makeBatchId(seed, one, acme, secret);
  fc.assert(
    fc.property(fc.nat({ max: id.length - 1 }), fc.constantFrom(...'ABCxyz019-_'), (at, character) => {
      const forged = id.slice(0, at) + character + id.slice(at + 1);
      fc.pre(forged !== id);
      expect(readBatchId(forged, acme, secret)).toBeUndefined();
    }),
  );
});

it.each(['', 'nonsense', 'a.b', '%', 'x'.repeat(5000)])('is unknown when it is %j', (id) => {
  expect(readBatchId(id, acme, secret)).toBeUndefined();
});

it('spreads batches over all slots', () => {
  const random = seededRandom(5);
  const slots = Array.from({ length: 200 }, () => slotOf(makeSeed(nowMs, random.bytes(8)), 4));

  expect(new Set(slots)).toEqual(new Set([0, 1, 2, 3]));
});

it('makes UUIDv7 event ids that depend on seed and index alone', () => {
  const id = makeEventId(seed, 0);

  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs);
  expect(makeEventId(seed, 0)).toBe(id);
  expect(makeEventId(seed, 1)).not.toBe(id);
});
