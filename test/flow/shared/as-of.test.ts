// A consumer stands still: `as_of` stays behind what it has not decided, of whatever stream, until it has taken all up again.

import { expect } from 'vitest';
import { longestSendingMs } from '../../../domain/limits/sent.ts';
import { dayMs, minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  ({ twin } = weir);
});
it.afterEach(({ weir }) => weir.twin.faults.clear());

it.each([
  ['consume', 0],
  ['consume-late', 2 * dayMs],
])('as_of does not pass what a stopped %s has not counted', async (consumer, ageMs) => {
  const account = `as-of-${consumer}`;
  const { api_key } = await createAccountOn(twin, account, 'standard');
  const api = createApi(twin.url, api_key);
  const send = async (): Promise<void> => {
    const timestamp = new Date(twin.clock.now() - ageMs).toISOString();
    // On a loaded machine, authorize may not have read the new key in time.
    await eventually(
      () => api.post('/v1/events', [{ type: 'order', timestamp }]),
      ({ status }) => status === 202,
    );
  };
  const summary = async () => {
    const { json } = await api.get(`/v1/accounts/${account}/summary?window=7d`);
    return { total: json.total as number, asOfMs: Date.parse(json.as_of) };
  };
  const series = async () => {
    const { json } = await api.get(`/v1/accounts/${account}/series?interval=day`);
    return Date.parse(json.as_of);
  };
  await send();
  await eventually(summary, ({ total }) => total === 1);
  twin.clock.moveBy(2 * longestSendingMs);
  const quietMs = twin.clock.now();
  expect((await summary()).asOfMs).toBeGreaterThanOrEqual(quietMs);

  const hold = twin.faults.inject({ on: { caller: consumer }, do: { kind: 'stop' } });
  await send();
  const answeredMs = twin.clock.now();
  for (let minute = 0; minute < 3; minute += 1) {
    const { total, asOfMs } = await summary();
    expect(total).toBe(1);
    expect(asOfMs).toBeLessThanOrEqual(answeredMs);
    expect(asOfMs).toBeGreaterThanOrEqual(quietMs);
    expect(await series()).toBe(asOfMs);
    twin.clock.moveBy(minuteMs);
  }

  hold.remove();
  await eventually(summary, ({ total }) => total === 2);
  const { asOfMs } = await summary();
  expect(asOfMs).toBeGreaterThan(answeredMs);
});

it('a late batch that the stream refused does not hold as_of back', async () => {
  const { api_key } = await createAccountOn(twin, 'as-of-refused', 'standard');
  const api = createApi(twin.url, api_key);
  const send = (ageMs: number) =>
    api.post('/v1/events', [{ type: 'order', timestamp: new Date(twin.clock.now() - ageMs).toISOString() }]);
  const summary = async () => (await api.get('/v1/accounts/as-of-refused/summary?window=7d')).json;
  await eventually(
    () => send(0),
    ({ status }) => status === 202,
  );
  const refusing = twin.faults.inject({
    on: { caller: 'ingest', operation: 'PutRecords' },
    do: { kind: 'partial', share: 1, code: 'ProvisionedThroughputExceededException' },
  });
  expect(await send(2 * dayMs)).toMatchObject({ status: 503, json: { code: 'overloaded' } });
  refusing.remove();

  twin.clock.moveBy(2 * longestSendingMs);
  const askedMs = twin.clock.now();
  const { total } = await eventually(summary, ({ as_of }) => Date.parse(as_of) >= askedMs);
  expect(total).toBe(1);
});
