import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  keyNumberOf,
  makeBatchId,
  makeSeed,
  readBatchId,
  seedOfBatchId,
  slotOf,
} from '../../../../domain/record/batch-id.ts';
import { seededRandom } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';

const acme = { account: 'acme', environment: 'production', generation: 0 };
const key = { number: 7, secret: seededRandom(7).bytes(32) };
const { secret } = key;
const seed = makeSeed(nowMs, seededRandom(3).bytes(9));
const one = { parts: 1, lateParts: 0, events: 1, slot: 0, retentionDays: 30 };

it.each([
  one,
  { parts: 3, lateParts: 2, events: 500, slot: 3, retentionDays: 90 },
  { parts: 4095, lateParts: 4095, events: 65_535, slot: 255, retentionDays: 65_535 },
])('carries its time, its size and its place: %j', (size) => {
  expect(readBatchId(makeBatchId(seed, size, acme, key), acme, secret)).toEqual({
    receivedAtMs: nowMs,
    ...size,
  });
});

it.each([
  ['another account', { account: 'other', environment: 'production', generation: 0 }],
  ['another environment', { account: 'acme', environment: 'staging', generation: 0 }],
  ['a later generation', { ...acme, generation: 1 }],
])('is unknown for %s', (_, tenant) => {
  expect(readBatchId(makeBatchId(seed, one, acme, key), tenant, secret)).toBeUndefined();
});

it('is unknown if any character of it is changed', () => {
  const id = makeBatchId(seed, one, acme, key);
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

it('names the key that made it', () => {
  expect(keyNumberOf(makeBatchId(seed, one, acme, key))).toBe(7);
  expect(keyNumberOf('nonsense')).toBeUndefined();
});

it('begins with its seed, which names its records', () => {
  const id = makeBatchId(seed, one, acme, key);

  expect(Buffer.from(seedOfBatchId(id), 'base64url')).toEqual(Buffer.from(seed));
});

it('spreads batches over all slots', () => {
  const random = seededRandom(5);
  const slots = Array.from({ length: 200 }, () => slotOf(makeSeed(nowMs, random.bytes(9)), [0, 1, 4, 6]));

  expect(new Set(slots)).toEqual(new Set([0, 1, 4, 6]));
});
