// `weir doctor` on the twin, whose account has quotas that a page sets.

import { afterEach, expect } from 'vitest';
import { stageNeeds } from '../../../bin/stage-needs.ts';
import { runCli } from '../../../cli/run.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
afterEach(() => fetch(`${twin.url}/_weir/account`, { method: 'DELETE' }));

const setQuotas = (quotas: object) =>
  fetch(`${twin.url}/_weir/account`, { method: 'PUT', body: JSON.stringify(quotas) });

async function doctor(...options: string[]) {
  let out = '';
  const streams = { out: (text: string) => (out += text), err: (text: string) => (out += text) };
  const argv = ['doctor', '--json', '--endpoint', twin.proxyUrl, ...options];
  const code = await runCli(argv, streams as never, undefined, undefined, { stageNeeds });
  return { code, ...(JSON.parse(out) as { ok: boolean; checks: { name: string; state: string }[] }) };
}

it('all is well with the twin', async () => {
  const { code, ok, checks } = await doctor();

  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
  expect({ code, ok }).toEqual({ code: 0, ok: true });
});

it('a quota that is too low fails, for the stage that needs more', async () => {
  await setQuotas({ lambda_concurrency: 900 });

  const prod = await doctor('--stage', 'prod');

  expect(prod.code).toBe(1);
  expect(prod.checks.filter(({ state }) => state !== 'ok').map(({ name }) => name)).toEqual([
    'Lambda concurrency',
  ]);
  expect((await doctor()).code).toBe(0);
});

it('an account that was not bootstrapped, and one that has no stream left, fail', async () => {
  await setQuotas({ bootstrap_version: 0, kinesis_on_demand_streams: 1 });

  const { code, checks } = await doctor('--stage', 'prod');

  expect(code).toBe(1);
  expect(checks.filter(({ state }) => state === 'fails').map(({ name }) => name)).toEqual([
    'CDK bootstrap',
    'on-demand streams',
  ]);
});
