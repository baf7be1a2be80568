// GET /v1/events, against a search by brute force.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { cursorLifeMs } from '../../../../domain/reading/search-cursor.ts';
import { isMatch } from '../../../../domain/reading/search-filter.ts';
import { type Page, windowOf } from '../../../../domain/storing/pages.ts';
import type { Pages } from '../../../../domain/storing/port.ts';
import { hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { readEvent, readEvents } from '../../../../lambdas/read/events.ts';
import { event, events, nowMs } from '../../../support/events.ts';
import { caller, httpRequest } from '../../../support/requests.ts';
import { recordOf, World } from '../consume/fixture.ts';

let world: World;
/** What a page costs. */
let unitsOfPage: (page: Page) => number;
let spent: { calls: number; units: number };
/** Bytes, by one answer. */
let unpacked: number;
beforeEach(async () => {
  world = new World();
  unitsOfPage = () => 0.5;
  await world.platformKeys.current();
});

const deps = () => {
  const { identities, pages, lanes, platformKeys, clock } = world;
  const slice: Pages['slice'] = async (range, how, take) => {
    let cost = 0.5;
    const answer = await pages.slice(range, how, (page) => {
      cost += unitsOfPage(page);
      unpacked += page.bytes;
      return take(page);
    });
    const units = Math.min(128, cost);
    spent.calls += 1;
    spent.units += units;
    return { ...answer, units };
  };
  const counted: typeof lanes.counted = async (places) => {
    const answer = await lanes.counted(places);
    spent.calls += 1;
    spent.units += answer.units;
    return answer;
  };
  return {
    ...{ identities, platformKeys, clock },
    pages: { slice, read: pages.read.bind(pages) },
    lanes: { receipts: lanes.receipts.bind(lanes), counted },
  };
};

type Query = Record<string, string>;
async function ask(query: Query = {}, of: Partial<Caller> = {}) {
  spent = { calls: 0, units: 0 };
  unpacked = 0;
  const request = httpRequest({ method: 'GET', query, caller: { ...caller, ...of } as Caller });
  return readEvents(deps(), request);
}

const idsIn = ({ events }: { readonly events: readonly { readonly event_id: string }[] }) =>
  events.map(({ event_id }) => event_id);

/** All answers to a question. `between` runs before each page but the first. */
async function all(
  query: Query = {},
  between: (page: number) => Promise<Partial<Caller>> = async () => ({}),
) {
  const answers = [await ask(query, await between(0))];
  for (let page = 1; ; page += 1) {
    expect(spent.calls).toBeLessThanOrEqual(50);
    expect(spent.units).toBeLessThanOrEqual(200);
    expect(unpacked).toBeLessThan(9 * 1024 * 1024);
    const cursor = answers.at(-1)?.next_cursor;
    if (cursor === undefined) break;
    const of = await between(page);
    answers.push(await ask({ ...query, cursor }, of));
    if (page > 5000) throw new Error('The search does not end.');
  }
  return { answers, ids: answers.flatMap(idsIn), inOrder: answers.every(({ in_order }) => in_order) };
}

const store = (batch: string, list: readonly AcceptedEvent[], slot = 0) =>
  world.consume(recordOf(batch.padEnd(20, '-'), list, nowMs, { slot }));

const newestFirst = (list: readonly AcceptedEvent[]) =>
  list
    .toSorted((one, other) => other.timestamp - one.timestamp || (one.event_id < other.event_id ? 1 : -1))
    .map(({ event_id }) => event_id);

/** Batches of events within some hours, dense in some places. */
const anyBatches = fc.array(
  fc.record({
    slot: fc.nat(3),
    startMs: fc.oneof(fc.nat(3 * hourMs), fc.nat(2 * minuteMs)).map((ago) => nowMs - ago),
    spreadMs: fc.constantFrom(1, 900, 8 * secondMs, minuteMs, 40 * minuteMs),
    parts: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), kind: fc.nat(3) }), {
      minLength: 1,
      maxLength: 24,
    }),
    isCounted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30, size: 'max' },
);

type Batch = (typeof anyBatches extends fc.Arbitrary<infer Each> ? Each : never)[number];
const eventsOf = ({ startMs, spreadMs, parts }: Batch, batch: number): AcceptedEvent[] =>
  parts.map(({ at, kind }, index) =>
    event({
      event_id: `b${batch}-${index}`,
      type: `kind-${kind}`,
      timestamp: startMs - Math.floor(at * spreadMs),
      ...(kind > 0 && { user_id: `user-${kind}`, metadata: { plan: { name: kind } } }),
    }),
  );

async function storeAll(batches: readonly Batch[], prefix = ''): Promise<AcceptedEvent[]> {
  const counted: AcceptedEvent[] = [];
  for (const [index, batch] of batches.entries()) {
    const list = eventsOf(batch, index).map((each) => ({ ...each, event_id: `${prefix}${each.event_id}` }));
    const name = `${prefix}batch${index}`;
    await store(name, list, batch.slot);
    if (batch.isCounted) counted.push(...list);
    else hide(name);
  }
  return counted;
}

/** As if it were in quarantine. */
function hide(batch: string): void {
  for (const [name, receipt] of world.lanes.stored)
    if (receipt.record.startsWith(batch.padEnd(20, '-')))
      world.lanes.stored.set(name, { ...receipt, state: 'quarantined' } as Receipt);
}

describe('a search', () => {
  it('finds what is counted in order, by any filter, limit, cost of pages and number of slots', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatches,
        fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
        fc.constantFrom(1, 3, 40, 1000),
        fc.constantFrom<Query>({}, { type: 'kind-1' }, { user_id: 'user-2' }, { 'metadata.plan.name': '3' }),
        fc.constantFrom(0.5, 2, 9),
        async (batches, order, limit, filter, units) => {
          world = new World();
          await world.platformKeys.current();
          unitsOfPage = () => units;
          const counted = await storeAll(batches);
          const asked = counted.filter((each) =>
            isMatch(each, {
              metadata: filter['metadata.plan.name'] ? [{ path: 'plan.name', value: '3' }] : [],
              ...(filter.type && { type: filter.type }),
              ...(filter.user_id && { userId: filter.user_id }),
            }),
          );
          const expected = order === 'desc' ? newestFirst(asked) : newestFirst(asked).toReversed();

          const found = await all({ ...filter, order, limit: String(limit) }, async () => ({ mostSlots: 4 }));

          if (found.inOrder) expect(found.ids).toEqual(expected);
          else expect(found.ids.toSorted()).toEqual(expected.toSorted());
        },
      ),
      { numRuns: 150, seed: 21 },
    );
  });

  it('shows nothing twice and skips nothing that was there, while events come in and slots are raised', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatches,
        anyBatches,
        fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
        fc.constantFrom(0.5, 9),
        async (before, meanwhile, order, units) => {
          world = new World();
          await world.platformKeys.current();
          unitsOfPage = () => units;
          const there = await storeAll(before);
          const highest = Math.max(...before.map(({ slot }) => slot));

          const { ids } = await all({ order, limit: '5' }, async (page) => {
            if (page > 0 && meanwhile[page - 1])
              await storeAll([meanwhile[page - 1] as Batch], `later${page}-`);
            // An instance that has not heard of the new slots answers now and then.
            return { mostSlots: page % 2 === 0 ? highest + 1 : 1 };
          });

          expect(new Set(ids).size).toBe(ids.length);
          expect(ids).toEqual(expect.arrayContaining(there.map(({ event_id }) => event_id)));
        },
      ),
      { numRuns: 100, seed: 22 },
    );
  });

  it('reads a minute that is too dense for one answer page by page, and says so', async () => {
    unitsOfPage = () => 9;
    const minute = nowMs - 5 * minuteMs;
    const dense = Array.from({ length: 60 }, (_, batch) =>
      Array.from({ length: 3 }, (_none, index) =>
        event({
          event_id: `d${batch}-${index}`,
          timestamp: minute + ((batch * 7 + index * 20_000) % minuteMs),
        }),
      ),
    );
    for (const [batch, list] of dense.entries()) await store(`dense${batch}`, list, batch % 3);
    const single = [event({ event_id: 'single', timestamp: minute + 30_000 })];
    await store('single', single);
    await store('after', [event({ event_id: 'after', timestamp: nowMs })]);
    await store('before', [event({ event_id: 'before', timestamp: nowMs - hourMs })]);

    const { answers, ids } = await all({ limit: '7' }, async () => ({ mostSlots: 3 }));

    expect(ids.toSorted()).toEqual(
      [...[...dense.flat(), ...single].map(({ event_id }) => event_id), 'after', 'before'].toSorted(),
    );
    expect(ids[0]).toBe('after');
    expect(ids.at(-1)).toBe('before');
    expect(answers.filter(({ in_order }) => !in_order).length).toBeGreaterThan(20);
  });

  it('looks for what is rare within its budget, and says that there is more', async () => {
    for (let batch = 0; batch < 400; batch += 1)
      await store(
        `many${batch}`,
        Array.from({ length: 8 }, (_, index) =>
          event({ event_id: `m${batch}-${index}`, timestamp: nowMs - batch * minuteMs }),
        ),
      );
    await store('rare', [event({ event_id: 'rare', type: 'rare', timestamp: nowMs - 500 * minuteMs })]);

    unitsOfPage = () => 1;
    const { answers, ids } = await all({ type: 'rare' });

    expect(ids).toEqual(['rare']);
    expect(answers.length).toBeGreaterThan(2);
    expect(answers.length).toBeLessThan(12);
  });

  it('keeps its budget also where pages are small at first, and as large as they can be later', async () => {
    for (let batch = 0; batch < 300; batch += 1)
      await store(`b${batch}`, [event({ event_id: `b${batch}`, timestamp: nowMs - batch * secondMs })]);
    unitsOfPage = (page) => (windowOf(page).startMs > nowMs - 60 * secondMs ? 0.05 : 9);

    // Every answer is checked.
    expect((await all({ type: 'none' })).ids).toEqual([]);
    expect((await all({ limit: '1000' })).ids.length).toBe(300);
  });

  it('unpacks a bounded amount for an answer, however well it was packed', async () => {
    const metadata = { text: 'x'.repeat(30_000) };
    for (let batch = 0; batch < 60; batch += 1)
      await store(
        `b${batch}`,
        events(16, { timestamp: nowMs - batch * secondMs, metadata }).map((each) => ({
          ...each,
          event_id: `b${batch}-${each.event_id}`,
        })),
      );
    unitsOfPage = () => 0.04;

    // Every answer is checked.
    expect((await all({ type: 'none' })).ids).toEqual([]);
    const { ids, answers } = await all({ limit: '1000' });
    expect(new Set(ids).size).toBe(60 * 16);
    for (const answer of answers)
      expect(JSON.stringify(JSON.stringify(answer)).length).toBeLessThan(5_500_000);
  });

  it('ends an answer before it is larger than Lambda answers, where quotes count twice', async () => {
    const metadata = { text: '"'.repeat(16_000) };
    await store('some', [
      ...events(150, { metadata }).map((each, index) => ({ ...each, timestamp: nowMs - index })),
    ]);

    const { ids, answers } = await all();
    expect(ids).toHaveLength(150);
    expect(answers.length).toBeGreaterThan(1);
    for (const answer of answers)
      expect(JSON.stringify(JSON.stringify(answer)).length).toBeLessThan(5_500_000);
  });

  it('looks an event up if it asks for its id, and asks it for all else, too', async () => {
    await store('some', [
      event({ event_id: 'it', type: 'order', timestamp: nowMs }),
      event({ event_id: 'other' }),
    ]);

    expect(idsIn(await ask({ event_id: 'it', type: 'order', from: '1h' }))).toEqual(['it']);
    expect(spent.calls).toBeLessThan(3);
    const after = new Date(nowMs + 1).toISOString();
    const others: readonly Query[] = [
      { type: 'view' },
      { from: after, to: '2026-12-01T00:00:00Z' },
      { 'metadata.a': 'b' },
    ];
    for (const query of others)
      expect(await ask({ event_id: 'it', ...query })).toEqual({ events: [], in_order: true });
    expect(idsIn(await ask({ event_id: 'x'.repeat(200) }))).toEqual([]);
  });

  it('takes no long way through metadata, whatever names it has', async () => {
    // Each of its nodes can be read as many ways as its path has dots.
    const nest = (level: number): Record<string, unknown> =>
      level === 0
        ? { a: 'end' }
        : Object.fromEntries(['a', 'a.a', 'a.a.a', 'a.a.a.a'].map((name) => [name, nest(level - 1)]));
    await store('some', [event({ event_id: 'it', metadata: nest(5) })]);
    const path = Array.from({ length: 16 }, () => 'a').join('.');

    expect((await ask({ [`metadata.${path}`]: 'x' })).events).toEqual([]);
    await expect(ask({ [`metadata.${path}.a`]: 'x' })).rejects.toMatchObject({ code: 'invalid_parameter' });
  });

  it('has bounds: from is in, to is not', async () => {
    await store('some', [
      event({ event_id: 'at-from', timestamp: nowMs - minuteMs }),
      event({ event_id: 'before', timestamp: nowMs - minuteMs - 1 }),
      event({ event_id: 'at-to', timestamp: nowMs }),
      event({ event_id: 'last', timestamp: nowMs - 1 }),
    ]);
    const query = { from: new Date(nowMs - minuteMs).toISOString(), to: new Date(nowMs).toISOString() };

    expect(idsIn(await ask(query))).toEqual(['last', 'at-from']);
    expect(idsIn(await ask({ ...query, order: 'asc' }))).toEqual(['at-from', 'last']);
    expect(idsIn(await ask())).toEqual(['at-to', 'last', 'at-from', 'before']);
  });

  it('finds by metadata: nested, in lists, of any plain kind, and by names that contain dots', async () => {
    const metadata = {
      plan: 'pro',
      cart: { items: 3, gift: true, coupon: null },
      tags: ['a', 'b'],
      'x.y': { z: 1 },
    };
    await store('some', [event({ event_id: 'it', metadata }), event({ event_id: 'other' })]);
    const finds = async (query: Partial<Query>) => idsIn(await ask(query as Query));

    for (const query of [
      { 'metadata.plan': 'pro', 'metadata.cart.items': '3', 'metadata.cart.gift': 'true' },
      { 'metadata.cart.coupon': 'null' },
      { 'metadata.tags': 'b' },
      { 'metadata.x.y.z': '1' },
    ])
      expect(await finds(query)).toEqual(['it']);
    for (const query of [
      { 'metadata.plan': 'free' },
      { 'metadata.cart': '[object Object]' },
      { 'metadata.constructor.name': 'Object' },
      { 'metadata.tags.0': 'a' },
      { 'metadata.plan.length': '3' },
    ])
      expect(await finds(query)).toEqual([]);
  });

  it.each<[Query, string]>([
    [{ limit: '0' }, 'limit'],
    [{ limit: '1001' }, 'limit'],
    [{ limit: '1e2' }, 'limit'],
    [{ order: 'up' }, 'order'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '1h', to: '2h' }, 'from'],
    [{ type: '' }, 'type'],
    [{ user_id: 'x'.repeat(600) }, 'user_id'],
    [{ 'metadata.': 'x' }, 'metadata.'],
    [{ metadata: 'x' }, 'metadata'],
    [{ 'metadata.a': '1', 'metadata.b': '1', 'metadata.c': '1', 'metadata.d': '1' }, 'metadata'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: 'x'.repeat(40) }, 'cursor'],
    [{ cursor: 'ä' }, 'cursor'],
    [{ typ: 'x' }, 'typ'],
  ])('refuses %o by its name', async (query, parameter) => {
    await expect(ask(query)).rejects.toMatchObject({ code: 'invalid_parameter', extra: { parameter } });
  });
});

describe('a cursor', () => {
  const cursorOf = async (query: Query = {}) => {
    await store(
      'some',
      Array.from({ length: 9 }, (_, index) => event({ event_id: `e-${index}`, timestamp: nowMs - index })),
    );
    return (await ask({ limit: '2', ...query })).next_cursor ?? '';
  };
  const refused = { code: 'invalid_parameter', extra: { parameter: 'cursor' } };

  it('goes on with another limit, and is no cursor after 24 hours', async () => {
    const cursor = await cursorOf();

    expect(idsIn(await ask({ cursor, limit: '3' }))).toEqual(['e-2', 'e-3', 'e-4']);
    world.clock.nowMs += cursorLifeMs;
    expect(idsIn(await ask({ cursor, limit: '1' }))).toEqual(['e-2']);
    world.clock.nowMs += 1;
    await expect(ask({ cursor })).rejects.toMatchObject(refused);
  });

  it('is of the same question whether the usual order is named or not', async () => {
    const cursor = await cursorOf();

    expect(idsIn(await ask({ cursor, order: 'desc', limit: '1' }))).toEqual(['e-2']);
  });

  it('is none for another account, environment, generation or question', async () => {
    const cursor = await cursorOf({ type: 'page.view' });
    const { tenant } = caller;
    const made = () => ask({ type: 'page.view', cursor });
    await made();

    for (const other of [
      { ...tenant, account: 'other' },
      { ...tenant, environment: 'staging' },
      { ...tenant, generation: 1 },
    ])
      await expect(ask({ type: 'page.view', cursor }, { tenant: other })).rejects.toMatchObject(refused);
    for (const query of [
      {},
      { type: 'order' },
      { type: 'page.view', order: 'asc' },
      { type: 'page.view', from: '1h' },
    ])
      await expect(ask({ ...(query as Query), cursor })).rejects.toMatchObject(refused);
  });

  it('is none once any character of it was changed', async () => {
    const cursor = await cursorOf();

    for (let at = 0; at < cursor.length; at += 1) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
      await expect(ask({ cursor: changed })).rejects.toMatchObject(refused);
    }
    await expect(ask({ cursor: cursor.slice(0, -1) })).rejects.toMatchObject(refused);
    await expect(ask({ cursor: `${cursor}A` })).rejects.toMatchObject(refused);
  });
});

describe('one event', () => {
  const one = (eventId: string, of: Partial<Caller> = {}) =>
    readEvent(
      deps(),
      httpRequest({
        method: 'GET',
        resource: '/v1/events/{event_id}',
        path: { event_id: eventId },
        caller: { ...caller, ...of } as Caller,
      }),
    );
  beforeEach(() => {
    spent = { calls: 0, units: 0 };
  });

  it('is shown as it was sent, with when it was received, also by an encoded id', async () => {
    await store('some', [event({ event_id: 'order:1+2', value: 9.5, user_id: 'ann', metadata: { a: [1] } })]);
    const shown = {
      event_id: 'order:1+2',
      type: 'page.view',
      timestamp: new Date(nowMs).toISOString(),
      received_at: new Date(nowMs).toISOString(),
      user_id: 'ann',
      value: 9.5,
      metadata: { a: [1] },
    };

    expect(await one('order:1+2')).toEqual(shown);
    expect(await one(encodeURIComponent('order:1+2'))).toEqual(shown);
  });

  it('is unknown in quarantine, of others, and if its id cannot be decoded', async () => {
    await store('some', [event({ event_id: 'e-1' })]);
    await one('e-1');
    const unknown = { code: 'unknown_event' };

    await expect(one('e-1', { tenant: { ...caller.tenant, account: 'other' } })).rejects.toMatchObject(
      unknown,
    );
    for (const none of ['%E0%A4%A', 'x'.repeat(2100), 'a b', ''])
      await expect(one(none)).rejects.toMatchObject(unknown);
    hide('some');
    await expect(one('e-1')).rejects.toMatchObject(unknown);
  });
});
