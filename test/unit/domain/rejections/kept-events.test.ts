import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeptEvent, keepWithin } from '../../../../domain/rejections/kept-events.ts';

const most = 128 * 1024;
const name = { code: 'unknown_field', field: 'colour', message: 'm' };
const rejected = (...events: readonly unknown[]): KeptEvent[] => events.map((event) => ({ ...name, event }));
const asSent = (event: unknown) => event;
const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
const ofBytes = (bytes: number) => ({ x: 'x'.repeat(bytes) });
const small = [{ event_id: 'a' }, { event_id: 'b' }];

describe('what is kept of a request', () => {
  it.each([
    ['is nested too deeply', nested(34)],
    ['is nested more deeply than recursion takes', nested(100_000)],
    ['is too large', ofBytes(most)],
    ['is missing', undefined],
  ])('lacks what %s, and no other event because of it', (_, event) => {
    expect(keepWithin(rejected(event, ...small), asSent, 3)).toEqual({
      days: 3,
      events: rejected(...small),
      leftOut: 1,
    });
    expect(keepWithin(rejected(small[0], event, small[1]), asSent, 3)).toMatchObject({
      events: rejected(...small),
      leftOut: 1,
    });
  });

  it('has events nested as deeply as 32 levels, and null', () => {
    expect(keepWithin(rejected(nested(32), null), asSent, 3).leftOut).toBe(0);
    expect(keepWithin(rejected(nested(33)), asSent, 3).leftOut).toBe(1);
  });

  it('is bounded though what is redacted is longer', () => {
    const longer = () => ofBytes(most / 2);

    const { events, leftOut } = keepWithin(rejected(...Array(9).fill({})), longer, 3);

    expect([events.length, leftOut]).toEqual([1, 8]);
  });

  it('is searched only if it fits, so that a request is not searched beyond its bound', () => {
    let searchedBytes = 0;
    const redactsAll = (event: unknown) => {
      searchedBytes += JSON.stringify(event).length;
      return '[redacted]';
    };

    keepWithin(rejected(ofBytes(500_000), ...Array(20).fill(ofBytes(25_000))), redactsAll, 3);

    expect(searchedBytes).toBeGreaterThan(100_000);
    expect(searchedBytes).toBeLessThanOrEqual(most);
  });

  it('is within its bound, in the order of the batch, and says how many are not', () => {
    const event = fc.oneof(
      fc.nat({ max: 50_000 }).map(ofBytes),
      fc.integer({ min: 1, max: 60 }).map(nested),
      fc.constantFrom(null, 7, 'x'),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (sent) => {
        const { events, leftOut } = keepWithin(rejected(...sent), asSent, 3);
        const kept = events.map((each) => each.event);

        expect(kept.length + leftOut).toBe(sent.length);
        expect(JSON.stringify(events).length).toBeLessThanOrEqual(most + sent.length + 1);
        let from = 0;
        for (const each of kept) {
          const at = sent.indexOf(each, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
      }),
      { numRuns: 100, seed: 22 },
    );
  });
});
