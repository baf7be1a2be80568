// Late events have a stream and a consumer of their own: what delays them delays nobody else.

import { expect } from 'vitest';
import { dayMs } from '../../../domain/system/time.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

it.afterEach(({ weir }) => weir.twin.faults.clear());

it('a consumer of late events that stands still delays no other event of the account, and takes all up again', async ({
  weir: { twin },
}) => {
  const { api_key } = await createAccountOn(twin, 'backfilling', 'standard');
  const api = createApi(twin.url, api_key);
  const send = async (...ages: readonly number[]) => {
    const events = ages.map((ageMs) => ({ type: 'order', timestamp: new Date(twin.clock.now() - ageMs) }));
    // On a loaded machine, authorize may not have read the new key in time.
    const { json } = await eventually(
      () => api.post('/v1/events', events),
      ({ status }) => status === 202,
    );
    return json.receipt as string;
  };
  const statusOf = async (receipt: string) => (await api.get(receipt)).json.status;
  const hold = twin.faults.inject({ on: { caller: 'consume-late' }, do: { kind: 'stop' } });

  const late = await send(20 * dayMs, 3 * dayMs);
  const mixed = await send(0, 2 * dayMs);
  const live = await send(0);

  await eventually(
    () => statusOf(live),
    (status) => status === 'stored',
  );
  await eventually(
    () => api.get('/v1/accounts/backfilling/summary?window=24h'),
    ({ json }) => json.total === 2,
  );
  expect(await statusOf(late)).toBe('pending');
  expect(await statusOf(mixed)).not.toBe('stored');

  hold.remove();
  for (const receipt of [late, mixed])
    await eventually(
      () => statusOf(receipt),
      (status) => status === 'stored',
    );
  const { json } = await api.get('/v1/accounts/backfilling/summary?window=30d');
  expect(json).toMatchObject({ total: 5 });
});
