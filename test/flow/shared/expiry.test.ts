// What has expired is hidden, by the least retention since its hour.

import { expect } from 'vitest';
import { setAccount } from '../../../cli/account/set.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import type { TierName } from '../../../domain/accounts/tiers.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

it('an event leaves summary, series, search and look-up with the least retention that there was since', async ({
  weir: { twin },
}) => {
  const operator = await operatorOf(twin);
  const sentMs = twin.clock.now() - 30 * dayMs + 3 * hourMs;
  const fromMs = floorTo(sentMs, hourMs);
  const [from, to] = [fromMs, fromMs + hourMs].map((ms) => new Date(ms).toISOString());
  const start = async (account: string, tier: TierName) => {
    const { api_key } = await createAccountOn(twin, account, tier);
    const api = createApi(twin.url, api_key);
    const set = async (retentionDays: number) => {
      await setAccount(operator, account, { limits: { retentionDays } });
      twin.clock.moveBy(longestPrincipalAgeMs);
    };
    const send = () =>
      eventually(
        () => api.post('/v1/events', [{ event_id: 'old', type: 'order', timestamp: sentMs }]),
        ({ status }) => status === 202,
      );
    const totals = async () => {
      const path = `/v1/accounts/${account}`;
      const [summary, series] = [
        await api.get(`${path}/summary?from=${from}&to=${to}`),
        await api.get(`${path}/series?interval=hour&from=${from}&to=${to}`),
      ];
      expect(summary.json.from).toBe(series.json.from);
      const [found, event] = [await api.get('/v1/events'), await api.get('/v1/events/old')];
      return {
        ...{ summary: summary.json.total, series: series.json.total, from: summary.json.from },
        ...{ found: found.json.events.length, lookUp: event.status },
      };
    };
    const counted = () =>
      eventually(totals, (seen) => seen.summary === 1 && seen.series === 1 && seen.found === 1);
    await send();
    await counted();
    return { set, totals };
  };
  const shown = { summary: 1, series: 1, from, found: 1, lookUp: 200 };
  const hidden = { summary: 0, series: 0, from: to, found: 0, lookUp: 404 };
  const standard = await start('expiry-standard', 'standard');
  const enterprise = await start('expiry-enterprise', 'enterprise');
  await standard.set(40);
  expect(await standard.totals()).toEqual(shown);

  // Now the hour is over 30 days old.
  twin.clock.moveBy(4 * hourMs);
  expect(await standard.totals()).toEqual(hidden);
  expect(await enterprise.totals()).toEqual(shown);

  for (const days of [30, 90]) {
    await enterprise.set(days);
    expect(await enterprise.totals()).toEqual(hidden);
  }
}, 60_000);
