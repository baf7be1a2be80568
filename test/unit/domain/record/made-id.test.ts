import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestMs, oldestMs } from '../../../../domain/event/time-bounds.ts';
import { makeSeed } from '../../../../domain/record/batch-id.ts';
import {
  bindsContent,
  fullIdOf,
  hasMark,
  makeEventId,
  readMadeId,
  shortIdOf,
} from '../../../../domain/record/made-id.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';

const acme = { account: 'acme', environment: 'production', generation: 3 };
const key = { number: 7, secret: seededRandom(7).bytes(32) };
const seed = makeSeed(nowMs, seededRandom(3).bytes(9));
const digest = seededRandom(4).bytes(16);
const place = { seed, part: 2, index: 5, slot: 1, timestamp: nowMs - 1000, retentionDays: 30 };
const made = (over: Partial<typeof place> = {}) => makeEventId({ ...place, ...over }, digest, acme, key);
const anyPlace = fc.record({
  part: fc.nat({ max: 4094 }),
  index: fc.nat({ max: 1023 }),
  slot: fc.nat({ max: 255 }),
  timestamp: fc.integer({ min: nowMs - oldestMs, max: nowMs + newestMs }),
  retentionDays: fc.nat({ max: 65_535 }),
});

it('says where its event is, and until when', () => {
  fc.assert(
    fc.property(anyPlace, (any) => {
      const id = made(any);

      expect(id).toMatch(/^[A-Za-z0-9_-]{48}$/);
      expect(readMadeId(id)).toEqual({
        record: recordId(Buffer.from(seed).toString('base64url'), any.part),
        index: any.index,
        slot: any.slot,
        late: any.timestamp < nowMs - dayMs,
        receivedAtMs: nowMs,
        timestamp: any.timestamp,
        retentionDays: any.retentionDays,
        keyNumber: 7,
      });
      expect(hasMark(id, acme, key.secret)).toBe(true);
      expect(bindsContent(id, digest, acme, key.secret)).toBe(true);
    }),
  );
});

describe('its mark', () => {
  it.each([
    ['another account', { ...acme, account: 'other' }],
    ['another environment', { ...acme, environment: 'staging' }],
    ['a later generation', { ...acme, generation: 4 }],
  ])('is not valid for %s', (_, tenant) => {
    expect(hasMark(made(), tenant, key.secret)).toBe(false);
  });

  it('is not valid under another key', () => {
    expect(hasMark(made(), acme, seededRandom(8).bytes(32))).toBe(false);
  });

  it('is not valid if any character of the id is changed', () => {
    const id = made();
    fc.assert(
      fc.property(fc.nat({ max: id.length - 1 }), fc.constantFrom(...'ABCxyz019-_'), (at, character) => {
        const forged = id.slice(0, at) + character + id.slice(at + 1);
        fc.pre(forged !== id);
        expect(hasMark(forged, acme, key.secret)).toBe(false);
      }),
    );
  });
});

it('binds the content of its event', () => {
  expect(bindsContent(made(), seededRandom(5).bytes(16), acme, key.secret)).toBe(false);
});

it.each(['', 'order-1', 'x'.repeat(47), `${'x'.repeat(47)}=`, '0192f3a1-7b2c-7def-8123-456789abcdef'])(
  'is not %j',
  (id) => {
    expect(readMadeId(id)).toBeUndefined();
  },
);

it('is whole again from what its page keeps of it', () => {
  fc.assert(
    fc.property(anyPlace, (any) => {
      const id = made(any);
      const record = recordId(Buffer.from(seed).toString('base64url'), any.part);

      const short = shortIdOf(id);

      expect(short).toHaveLength(19);
      expect(fullIdOf(short, { ...any, record, receivedAtMs: nowMs })).toBe(id);
    }),
  );
});
