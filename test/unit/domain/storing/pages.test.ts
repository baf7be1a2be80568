import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pagePointer, planPages, recordOfPointer } from '../../../../domain/storing/pages.ts';
import { secondMs } from '../../../../domain/system/time.ts';
import { anyEvents, event, events, nowMs } from '../../../support/events.ts';

const source = {
  tenant: { account: 'acme', environment: 'production', generation: 0 },
  slot: 0,
  record: 'batch.0',
  layout: 1,
} as const;

const spread = (count: number, everyMs: number) =>
  Array.from({ length: count }, (_, index) =>
    event({ event_id: `e-${index}`, timestamp: 60_000 * 29_000_000 + index * everyMs }),
  );

it.each([
  ['1 s', spread(100, 10), '01'],
  ['8 s', spread(100, 200), '08'],
  ['60 s', spread(100, 3000), '60'],
  ['60 s if no smaller width fits', spread(3, 25 * secondMs), '60'],
  ['1 s for a single event', spread(1, 0), '01'],
  ['1 s for a few events of one second', spread(3, 100), '01'],
  ['8 s for a few events of eight seconds', spread(3, 2 * secondMs), '08'],
])('chooses windows of %s', (_, list, width) => {
  expect(planPages(source, list).every(({ sk }) => sk.startsWith(`${width}#`))).toBe(true);
});

it('puts every event on exactly one page of its own window, under distinct keys', () => {
  fc.assert(
    fc.property(anyEvents(), (list) => {
      const pages = planPages(source, list);

      expect(pages.flatMap(({ indexes }) => indexes).toSorted((a, b) => a - b)).toEqual([...list.keys()]);
      expect(new Set(pages.map(({ sk }) => sk)).size).toBe(pages.length);
      for (const { sk, indexes } of pages) {
        const [width = '', start = ''] = sk.split('#');
        for (const index of indexes) {
          const since = (list[index]?.timestamp ?? 0) - Number(start);
          expect(since).toBeGreaterThanOrEqual(0);
          expect(since).toBeLessThan(Number(width) * secondMs);
        }
      }
    }),
  );
});

it('splits a window by uncompressed bytes, so that an item is never too large', () => {
  const heavy = events(100, { timestamp: nowMs, metadata: { text: 'x'.repeat(15_000) } });

  const pages = planPages(source, heavy);

  expect(pages.length).toBeGreaterThan(20);
  for (const { indexes } of pages) {
    expect(JSON.stringify(indexes.map((index) => heavy[index])).length).toBeLessThan(70_000);
  }
});

it('names the record in the pointer to a page', () => {
  const [page] = planPages(source, events(1));

  expect(recordOfPointer(pagePointer(3, page?.sk ?? ''))).toBe('batch.0');
});

it('makes the keys of layout 1 as it always did (R5)', () => {
  expect(planPages(source, spread(16, 100)).map(({ sk }) => sk)).toEqual([
    '01#1740000000000#batch.0#0',
    '01#1740000001000#batch.0#0',
  ]);
});
