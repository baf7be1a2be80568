// A plan of faults from a file, and inputs from a seed: what the docs offer to copy. Whatever of it is met, each event
// counts once, and every receipt adds up.

import { readFileSync } from 'node:fs';
import { seededRandom } from '@weir/twin/faults';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { createAccountOn } from '../support/accounts.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';

const seed = 20_261_121;
let twin: RunningWeir;
beforeAll(async () => {
  twin = await startWeir({
    ...hurried,
    assembly: inject('assembly'),
    faults: JSON.parse(readFileSync('docs/operate/faults.example.json', 'utf8')) as unknown,
    report: () => undefined,
  });
});
afterAll(() => twin.stop());

type Sent = { readonly account: number; readonly ids: readonly string[] };

/** Batches of 1 to 60 events, one in four of which holds events that were sent before. */
function makeBatches(count: number, accounts: number): readonly Sent[] {
  const random = seededRandom(seed);
  const below = (bound: number) => Math.floor(random() * bound);
  const batches: Sent[] = [];
  for (let index = 0; index < count; index += 1) {
    const account = below(accounts);
    const fresh = Array.from({ length: 1 + below(60) }, (_, at) => `${index}-${at}`);
    const earlier = batches.filter((each) => each.account === account);
    const again = below(4) === 0 ? (earlier[below(earlier.length)]?.ids ?? []) : [];
    batches.push({ account, ids: [...fresh, ...again] });
  }
  return batches;
}

it('the example plan is met in all its rules, and nothing is missing or counted twice', async () => {
  const accounts = ['ada', 'bob', 'cyd'];
  const apis = await Promise.all(
    accounts.map(async (account) =>
      createApi(twin.url, (await createAccountOn(twin, account, 'custom')).api_key),
    ),
  );
  const batches = makeBatches(40, accounts.length);

  const receipts: { readonly account: number; readonly path: string }[] = [];
  for (const [index, { account, ids }] of batches.entries()) {
    // The minute that the tables are slow for.
    if (index === 5) twin.clock.moveBy(60_000);
    const events = ids.map((event_id) => ({ event_id, type: 'planned' }));
    const answer = await apis[account]?.post('/v1/events', events);
    expect(answer?.status).toBe(202);
    receipts.push({ account, path: answer?.json.receipt });
  }

  for (const { account, path } of receipts) {
    const answer = await eventually(
      async () => (await apis[account]?.get(path))?.json,
      ({ status }) => status === 'stored',
      60_000,
    );
    expect(answer.stored + answer.duplicates).toBe(answer.accepted);
  }
  for (const [account, api] of apis.entries()) {
    const { json } = await api.get(`/v1/accounts/${accounts[account]}/summary?window=24h`);
    const ids = batches.filter((each) => each.account === account).flatMap((each) => each.ids);
    expect(json).toMatchObject({
      total: new Set(ids).size,
      duplicates: ids.length - new Set(ids).size,
      conflicts: 0,
    });
  }
  for (const { name, met } of twin.faults.list()) expect([name, met > 0]).toEqual([name, true]);
}, 120_000);
