// A partition throttles one account. Others on its shard are stored all the while, and its own events once it is served.

import { createHash } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import { deadLetterPrefix, streamKey } from '../../../domain/keys.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  ({ twin } = weir);
});
afterEach(() => twin.faults.clear());

const tenantOf = (account: string) => ({ account, environment: 'production', generation: 0 });
/** Kinesis finds the shard by this hash. With the same beginning it is the same one, of up to 256. */
const hashOf = (account: string) =>
  createHash('md5')
    .update(streamKey(tenantOf(account), 0, false))
    .digest('hex')
    .slice(0, 2);
const noisy = 'noisy-neighbour';
const quiet =
  Array.from({ length: 5000 }, (_, index) => `quiet-neighbour-${index}`).find(
    (account) => hashOf(account) === hashOf(noisy),
  ) ?? expect.fail('no account is on the shard');

const eventsInBatch = 5;
async function accept(api: Api, batch: number): Promise<string> {
  const events = Array.from({ length: eventsInBatch }, (_, index) => ({
    event_id: `${batch}-${index}`,
    type: 'neighbour',
  }));
  const { status, json } = await api.post('/v1/events', events);
  expect(status).toBe(202);
  return json.receipt;
}

const statusOf = async (api: Api, receipt: string) => (await api.get(receipt)).json.status;
const isStored = (status: string) => status === 'stored';
const laneLetters = async () =>
  Object.values((await twin.state()).buckets)
    .flatMap(({ objects }) => objects.map(({ key }) => key))
    .filter((key) => key.startsWith(deadLetterPrefix));

it('a lane that its partition refuses leaves the stream to others, and is counted once when it is served', async () => {
  const [loud, calm] = await Promise.all(
    [noisy, quiet].map(async (account) =>
      createApi(twin.url, (await createAccountOn(twin, account, 'standard')).api_key),
    ),
  );
  if (!loud || !calm) throw new Error('There are two accounts.');
  const refusals = ['consume', 'settle'].map((caller) =>
    twin.faults.inject({
      on: { caller, service: 'dynamodb', text: `count#${noisy}#` },
      do: { kind: 'throttle' },
    }),
  );
  const [loudReceipts, calmReceipts]: [string[], string[]] = [[], []];

  for (let batch = 0; batch < 4; batch += 1) {
    loudReceipts.push(await accept(loud, batch));
    const own = await accept(calm, batch);
    calmReceipts.push(own);
    await eventually(() => statusOf(calm, own), isStored, 60_000);
  }
  await eventually(laneLetters, (names) =>
    names.some((name) => name.startsWith(`${deadLetterPrefix}${noisy}/`)),
  );
  for (const receipt of loudReceipts) expect(await statusOf(loud, receipt)).toBe('pending');
  expect(refusals[0]?.met()).toBeGreaterThan(0);

  for (const refusal of refusals) refusal.remove();
  for (const receipt of loudReceipts)
    await eventually(
      async () => {
        // To the next sweep, and not under an invocation, whose time it would take.
        if (Object.values(twin.functions.activity()).every(({ busy }) => busy === 0))
          twin.clock.moveBy(5 * minuteMs);
        return statusOf(loud, receipt);
      },
      isStored,
      60_000,
    );

  expect(await laneLetters()).toEqual([]);
  for (const [api, account, receipts] of [
    [loud, noisy, loudReceipts],
    [calm, quiet, calmReceipts],
  ] as const) {
    const { json } = await api.get(`/v1/accounts/${account}/summary?window=24h`);
    expect(json).toMatchObject({ total: eventsInBatch * receipts.length, duplicates: 0, conflicts: 0 });
    expect((await api.get('/v1/quarantine')).json).toMatchObject({ records: 0 });
  }
}, 180_000);
