// Drills on a running twin, minute by minute of its clock: trouble is made, the alarm rings, the commands of its runbook show
// the cause, what the runbook says to do is done, and the alarm ends.

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import { type RunningWeir, startWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { hurried } from '../../support/hurried.ts';
import { removeTwinFolder } from '../../support/logs.ts';
import { commandsOf } from '../../support/runbook-commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-drills-'));
let twin: RunningWeir;
let api: Api;
beforeAll(async () => {
  twin = await startWeir({ ...hurried, folder, assembly: inject('assembly') });
  const { api_key } = await createAccountOn(twin, 'drilled', 'standard');
  api = createApi(twin.url, api_key);
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

async function weir(command: string): Promise<string> {
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const words = command.replace(/^weir /, '').split(/\s+/);
  const code = await runCli(['--endpoint', twin.proxyUrl, ...words], { out: print, err: print });
  expect({ command, code, printed: code === 0 ? '' : printed }).toEqual({ command, code: 0, printed: '' });
  return printed;
}

const runbook = (alarm: string): readonly string[] =>
  commandsOf(
    readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'runbooks', `${alarm}.md`), 'utf8'),
  );

const stateOf = (alarm: string) =>
  twin.alarms.states().find(({ alarm: { name } }) => name === `weir-dev-${alarm}`)?.state;

/** In each minute a batch is sent, and the mappings have time to poll. */
async function minutesUntil(alarm: string, state: 'ALARM' | 'OK', most: number): Promise<number> {
  for (let minute = 1; minute <= most; minute += 1) {
    await api.post('/v1/events', [{ type: 'drill' }]);
    await sleep(700);
    twin.clock.moveBy(minuteMs);
    await sleep(300);
    if (stateOf(alarm) === state) return minute;
  }
  return expect.fail(`${alarm} is ${stateOf(alarm)} after ${most} minutes, and not ${state}.`);
}

const toldOf = (alarm: string) =>
  twin.alarms.history().filter(({ alarm: { name }, to }) => name === `weir-dev-${alarm}` && to === 'ALARM');

it('a mapping that is disabled pages, and its runbook finds and ends it', async () => {
  await minutesUntil('stopped-consumer', 'OK', 8);
  await weir('weir consumer stop --consumer consume');

  expect(await minutesUntil('stopped-consumer', 'ALARM', 8)).toBeGreaterThanOrEqual(4);
  const [change] = toldOf('stopped-consumer');
  expect(change?.actions).toEqual([expect.stringContaining('TopicsPage')]);
  expect(await weir('weir alarms')).toMatch(/weir-dev-stopped-consumer +ALARM/);

  const commands = runbook('stopped-consumer');
  expect(commands).toContain('weir consumers');
  expect(await weir('weir consumers')).toMatch(/^consume +Disabled/m);
  expect(commands).toContain('weir consumer start --consumer consume');
  await weir('weir consumer start --consumer consume');
  await minutesUntil('stopped-consumer', 'OK', 8);
}, 60_000);

it('a consumer without instances makes a ticket, and its runbook finds and ends it', async () => {
  await weir('weir concurrency --function consume --reserve 0');

  await minutesUntil('consumer-throttles', 'ALARM', 10);
  const [change] = toldOf('consumer-throttles');
  expect(change?.actions).toEqual([expect.stringContaining('TopicsTicket')]);
  expect(runbook('stopped-consumer')).toContain('weir metrics --function consume');
  expect(await weir('weir metrics --function consume')).toMatch(/THROTTLED/);
  expect(await weir('weir concurrency --function consume')).toContain('consume reserves 0.');
  await weir('weir concurrency --function consume --unreserve');
  await minutesUntil('consumer-throttles', 'OK', 8);
}, 60_000);

it('a table that does not answer pages, its runbook names the route, and it ends with the outage', async () => {
  const summary = () => api.get('/v1/accounts/drilled/summary?window=1h');
  expect((await summary()).status).toBe(200);
  twin.faults.inject({
    on: { service: 'dynamodb', caller: 'read', resource: '*Aggregates*' },
    do: { kind: 'error' },
  });

  for (let read = 0; read < 3; read += 1) expect((await summary()).status).toBe(503);
  await minutesUntil('error-rate', 'ALARM', 4);
  expect(toldOf('error-rate')[0]?.actions).toEqual([expect.stringContaining('TopicsPage')]);
  const [confirm = ''] = runbook('error-rate');
  expect(confirm).toMatch(/^weir requests --status 5/);
  expect(await weir(confirm)).toMatch(/\/v1\/accounts\/\{account_id\}\/summary +503/);
  twin.faults.clear();
  expect((await summary()).status).toBe(200);
  await minutesUntil('error-rate', 'OK', 10);
}, 60_000);
