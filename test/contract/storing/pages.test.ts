import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromPageItem } from '../../../adapters/storing/dynamodb-page-items.ts';
import { DynamoPages } from '../../../adapters/storing/dynamodb-pages.ts';
import { MemoryPages } from '../../../adapters/storing/memory-pages.ts';
import type { Page, PageKey } from '../../../domain/storing/pages.ts';
import type { Pages, UnpackedPage } from '../../../domain/storing/port.ts';
import { dayMs, epochSeconds } from '../../../domain/system/time.ts';
import { events, nowMs } from '../../support/events.ts';
import { leavingUndone } from '../../support/left-undone.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

/** Partitions are unique to each test, because suites share the tables. */
let pk = '';
let run = 0;
beforeEach(() => {
  run += 1;
  pk = `acme-${run}#production#0`;
});
const page = (sk: string, count = 2): Page => ({
  pk,
  sk,
  events: events(count),
  receivedAtMs: nowMs,
  region: 'r',
  expiresAtMs: nowMs + dayMs,
});
const pagesOf = (count: number) => Array.from({ length: count }, (_, index) => page(`sk-${index}`));

type Readable = { pages: Pages; eventsAt: (key: PageKey) => Promise<readonly unknown[] | undefined> };

function memory(): Readable {
  const pages = new MemoryPages();
  return { pages, eventsAt: async (key) => pages.written.get(`${key.pk}#${key.sk}`)?.events };
}
const itemAt = async ({ pk, sk }: PageKey) => {
  const { Item } = await tables.client.send(new GetCommand({ TableName: tableNames.pages, Key: { pk, sk } }));
  return Item;
};
const dynamo = (): Readable => ({
  pages: new DynamoPages(tables.table('pages')),
  eventsAt: async (key) => {
    const item = await itemAt(key);
    return item && fromPageItem(item).events;
  },
});

describe.each<[string, () => Readable]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('pages in %s', (_, create) => {
  it('are read between two keys, both included', async () => {
    const { pages } = create();
    await pages.write(['a', 'b', 'c', 'd'].map((sk) => page(sk)));

    const read = await pages.read({ pk, first: 'b', last: 'c' });

    expect(read).toEqual([page('b'), page('c')]);
    expect(await pages.read({ pk, first: 'e', last: 'f' })).toEqual([]);
  });

  it('are read slice by slice, in either direction, also from a key that is gone', async () => {
    const { pages } = create();
    await pages.write(['a', 'b', 'c', 'd', 'e'].map((sk) => page(sk)));
    const range = { pk, first: 'b', last: 'e' };
    const keysOf = async (isBackwards: boolean, limit: number, after?: string, most = 9) => {
      const taken: UnpackedPage[] = [];
      const how = { isBackwards, limit, ...(after && { after }) };
      const slice = await pages.slice(range, how, (each) => taken.push(each) < most);
      expect(slice.units).toBeGreaterThan(0);
      expect(slice.pages).toBe(taken.length);
      for (const { bytes, events: own } of taken)
        expect(bytes).toBeGreaterThanOrEqual(JSON.stringify(own).length);
      return [taken.map(({ sk }) => sk).join(''), slice.next];
    };

    expect(await keysOf(false, 2)).toEqual(['bc', 'c']);
    expect(await keysOf(false, 9, 'c')).toEqual(['de', undefined]);
    expect(await keysOf(true, 3)).toEqual(['edc', 'c']);
    expect(await keysOf(true, 9, 'c')).toEqual(['b', undefined]);
    await pages.remove([{ pk, sk: 'c' }]);
    expect(await keysOf(false, 9, 'c')).toEqual(['de', undefined]);
    // Enough was taken.
    expect(await keysOf(false, 9, 'b', 1)).toEqual(['d', 'd']);
    const nowhere = { pk, first: 'x', last: 'y' };
    expect((await pages.slice(nowhere, { isBackwards: true, limit: 1 }, () => true)).pages).toBe(0);
  });

  it('hold their events, however many pages are written', async () => {
    const { pages, eventsAt } = create();
    const all = pagesOf(60);

    expect(await pages.write(all)).toEqual([]);

    for (const each of all) expect(await eventsAt(each)).toEqual(each.events);
  });

  it('are replaced by a later try, which writes the same keys', async () => {
    const { pages, eventsAt } = create();
    await pages.write([page('a', 2)]);
    await pages.write([page('a', 3)]);

    expect(await eventsAt(page('a'))).toEqual(events(3));
  });

  it('are gone once removed, and no others are; removing missing pages is no failure', async () => {
    const { pages, eventsAt } = create();
    const all = pagesOf(60);
    await pages.write(all);

    await pages.remove([page('never there'), ...all.slice(2)].map(({ sk }) => ({ pk, sk })));

    const left = await Promise.all(all.map(eventsAt));
    expect(left.flatMap((found, index) => (found ? [index] : []))).toEqual([0, 1]);
  });

  it('can be removed twice, and written again afterwards', async () => {
    const { pages, eventsAt } = create();
    await pages.write([page('a')]);
    await pages.remove([page('a')]);
    await pages.remove([page('a')]);
    expect(await eventsAt(page('a'))).toBeUndefined();

    await pages.write([page('a', 3)]);

    expect(await eventsAt(page('a'))).toEqual(events(3));
  });

  it('accept an empty list', async () => {
    const { pages } = create();

    await pages.write([]);
    await pages.remove([]);
  });
});

it('a page carries the number of its events and the time after which DynamoDB may delete it', async () => {
  await new DynamoPages(tables.table('pages')).write([page('a', 3)]);

  expect(await itemAt(page('a'))).toMatchObject({ n: 3, ttl: epochSeconds(nowMs + dayMs), r: nowMs });
});

it('pages that the table takes in no try are returned, and the others are written', async () => {
  const { pages, eventsAt } = dynamo();
  const all = pagesOf(60);

  const left = await leavingUndone(tables.client, 'sk-3', () => pages.write(all));

  const missing = all.filter(({ sk }) => sk.startsWith('sk-3'));
  expect(left.map(({ pk, sk }) => ({ pk, sk })).toSorted((a, b) => (a.sk < b.sk ? -1 : 1))).toEqual(
    missing.map(({ pk, sk }) => ({ pk, sk })).toSorted((a, b) => (a.sk < b.sk ? -1 : 1)),
  );
  for (const each of all)
    expect(await eventsAt(each)).toEqual(missing.includes(each) ? undefined : each.events);
});
