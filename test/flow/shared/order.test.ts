// Of two batches that are sent one after the other with one id and other content, the first one has it, also while the
// tables of ids refuse claims. Ids are of each kind. Each batch is the second of one pair and the first of the next.
// WEIR_ORDER_PAIRS sets how many pairs are sent.

import { expect } from 'vitest';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

const { WEIR_ORDER_PAIRS = '200' } = process.env;
const senders = 8;
const pairsOfSender = Math.ceil(Number(WEIR_ORDER_PAIRS) / senders);
const pairs = senders * pairsOfSender;

/** Claimed singly, in the log of a batch, and in the log of a time. */
function idOf(sender: number, pair: number): string {
  const number = sender * pairsOfSender + pair;
  const kinds = [
    `pair-${number}`,
    `${String(sender).padStart(22, '-')}~${number}`,
    `0197e5a2-6f0b-7000-8000-${String(number).padStart(12, '0')}`,
  ];
  return kinds[pair % kinds.length] ?? '';
}

async function sendPairs(api: Api, sender: number): Promise<void> {
  const eventOf = (pair: number, type: string) => ({ event_id: idOf(sender, pair), type });
  for (let pair = 0; pair <= pairsOfSender; pair += 1) {
    const second = pair > 0 ? [eventOf(pair - 1, 'second')] : [];
    const first = pair < pairsOfSender ? [eventOf(pair, 'first')] : [];
    expect((await api.post('/v1/events', [...second, ...first])).status).toBe(202);
  }
}

it.afterEach(({ weir }) => weir.twin.faults.clear());

it('the first of two batches with one id has it, every time', { timeout: 240_000 + pairs * 100 }, async ({
  weir: { twin },
}) => {
  const { api_key } = await createAccountOn(twin, 'in-order', 'custom');
  const api = createApi(twin.url, api_key);
  // So many that some claims stay undecided in every try of a call.
  const refusing = ['*Identities*', '*ClaimLogs*'].map((resource) =>
    twin.faults.inject({
      on: { caller: 'consume', operation: 'BatchExecuteStatement', resource },
      do: { kind: 'partial', share: 0.8 },
      when: { times: 40 },
    }),
  );

  await Promise.all(Array.from({ length: senders }, (_, sender) => sendPairs(api, sender)));

  const { json } = await eventually(
    () => api.get('/v1/accounts/in-order/summary?window=24h'),
    ({ json: { total, duplicates, conflicts } }) => total + duplicates + conflicts === 2 * pairs,
    200_000,
  );
  expect(json).toMatchObject({ total: pairs, conflicts: pairs, by_type: [{ type: 'first', count: pairs }] });
  for (const each of refusing) expect(each.met()).toBeGreaterThan(0);
});
