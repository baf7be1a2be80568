import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAsked, readWait, WrongFilter } from '../../../../cli/test-suite/asked.ts';

const nowMs = Date.parse('2026-12-01T12:00:00Z');
const asked = (query: string) => readAsked(new URLSearchParams(query), nowMs);
const wait = (query: string) => readWait(new URLSearchParams(query), nowMs);

describe('filters of a test suite', () => {
  it('select all without any', () => {
    expect(asked('')).toEqual({
      ...{ sinceMs: 0, limit: Number.MAX_SAFE_INTEGER },
      ...{ event: { metadata: [] }, asksEvent: false },
    });
  });

  it('take the names and the values of a search as they are', () => {
    const text = fc.string({ minLength: 1, maxLength: 40 });
    const filters = fc.record({ type: text, user_id: text, account: text, 'metadata.a.b': text });
    fc.assert(
      fc.property(filters, (given) => {
        const read = readAsked(new URLSearchParams(given), nowMs);
        expect(read.account).toBe(given.account);
        expect(read.event).toEqual({
          ...{ type: given.type, userId: given.user_id },
          metadata: [{ path: 'a.b', value: given['metadata.a.b'] }],
        });
      }),
      { seed: 77 },
    );
  });

  it('find a batch by its whole id, and times by how long ago they are', () => {
    const batch = 'a'.repeat(20);
    expect(asked(`batch_id=${batch}${'b'.repeat(26)}`).batch).toBe(batch);
    expect(asked('since=5m').sinceMs).toBe(nowMs - 300_000);
  });

  it.each(['colour=red', 'count=2', 'type=a&type=b', 'since=soon', 'limit=1.5', 'limit='])(
    'refuse %s',
    (query) => {
      expect(() => asked(query)).toThrow(WrongFilter);
    },
  );
});

describe('a wait', () => {
  it.each([
    ['', 1, 5000],
    ['count=3&timeout=250ms', 3, 250],
    ['timeout=60s', 1, 60_000],
    ['timeout=1m', 1, 60_000],
    ['count=0&timeout=0ms', 0, 0],
  ])('of "%s" is for %i events and %i ms', (query, count, timeoutMs) => {
    expect(wait(query)).toMatchObject({ count, timeoutMs });
  });

  it.each(['timeout=61s', 'timeout=5', 'timeout=', 'count=-1'])('refuses %s', (query) => {
    expect(() => wait(query)).toThrow(WrongFilter);
  });
});
