// Search, from the client to the tables and back.

import { describe, expect } from 'vitest';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let acme: Api;
let other: Api;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  const apiOf = async (account: string) =>
    createApi(twin.url, (await createAccountOn(twin, account, 'standard')).api_key);
  acme = await apiOf('search-acme');
  other = await apiOf('search-other');
});

type Shown = { readonly event_id: string; readonly type: string };

async function store(api: Api, events: readonly object[]) {
  const { json } = await api.post('/v1/events', events);
  await eventually(
    () => api.get(json.receipt),
    (answer) => answer.json.status !== 'pending',
  );
  return json;
}

async function all(api: Api, query: string): Promise<Shown[]> {
  const found: Shown[] = [];
  for (let cursor = ''; ; ) {
    const { status, json } = await eventually(
      () => api.get(`/v1/events?${query}${cursor && `&cursor=${cursor}`}`),
      // More than an account may ask for in a second.
      (answer) => answer.status !== 429,
    );
    expect(status).toBe(200);
    found.push(...json.events);
    if (json.next_cursor === undefined) return found;
    cursor = json.next_cursor;
  }
}

describe('a search', () => {
  it('finds what summary and series count, once each, page by page, with ids of all kinds', async () => {
    const nowMs = twin.clock.now();
    const at = (ago: number) => new Date(nowMs - ago).toISOString();
    for (let batch = 0; batch < 6; batch += 1)
      await store(acme, [
        ...Array.from({ length: 12 }, (_, index) => ({
          event_id: `s-${batch}-${index}`,
          type: index % 4 === 0 ? 'order' : 'view',
          timestamp: at((batch * 12 + index) * 7000),
          metadata: { cart: { items: index } },
        })),
        { type: 'made', timestamp: at(batch * 1000) },
        { event_id: crypto.randomUUID(), type: 'uuid' },
      ]);
    // Late, and sent twice.
    await store(acme, [{ event_id: 'late', type: 'order', timestamp: at(26 * 3_600_000) }]);
    await store(acme, [
      { event_id: 's-0-0', type: 'order', timestamp: at(0), metadata: { cart: { items: 0 } } },
    ]);

    const { json: summary } = await acme.get('/v1/accounts/search-acme/summary?window=7d');
    const { json: series } = await acme.get('/v1/accounts/search-acme/series?interval=day&from=3d');
    const found = await all(acme, 'limit=10&from=7d');

    expect(found).toHaveLength(6 * 14 + 1);
    expect(new Set(found.map(({ event_id }) => event_id)).size).toBe(found.length);
    expect(summary.total).toBe(found.length);
    expect(series.total).toBe(found.length);
    for (const { type, count } of summary.by_type)
      expect(await all(acme, `type=${type}&limit=40&order=asc`)).toHaveLength(count);
    expect(await all(acme, 'metadata.cart.items=3')).toHaveLength(6);
    expect((await all(acme, 'event_id=s-3-3')).map(({ event_id }) => event_id)).toEqual(['s-3-3']);
    for (const { event_id } of found.filter((_, index) => index % 5 === 0)) {
      const one = await acme.get(`/v1/events/${event_id}`);
      expect([one.status, one.json.event_id]).toEqual([200, event_id]);
    }
  });

  it('takes a cursor of nobody else, and says what to do', async () => {
    await store(acme, [
      { event_id: 'c-1', type: 'cursor' },
      { event_id: 'c-2', type: 'cursor' },
    ]);
    const { json } = await acme.get('/v1/events?type=cursor&limit=1');
    const question = `/v1/events?type=cursor&limit=1&cursor=`;

    const foreign = await other.get(`${question}${json.next_cursor}`);
    const forged = await other.get(`${question}${'A'.repeat(json.next_cursor.length)}`);

    expect((await acme.get(`${question}${json.next_cursor}`)).status).toBe(200);
    expect(foreign.status).toBe(400);
    expect(foreign.json).toMatchObject({ code: 'invalid_parameter', parameter: 'cursor' });
    expect({ ...foreign.json, request_id: '' }).toEqual({ ...forged.json, request_id: '' });
  });

  it('shows nothing of a record in quarantine, by no way', async () => {
    const fault = twin.faults.inject({
      on: { caller: 'consume', operation: 'BatchExecuteStatement', text: 'search-acme#production#0#bad-' },
      do: { kind: 'error', status: 400, code: 'ValidationException' },
    });
    await store(acme, [{ event_id: 'bad-1', type: 'quarantined' }]);
    fault.remove();

    expect(await all(acme, 'type=quarantined')).toEqual([]);
    expect((await acme.get('/v1/events/bad-1')).json.code).toBe('unknown_event');
  });
});
