// From requests to a report: what the twin measures, reviewed as on AWS, and an alarm that becomes an incident with a note.

import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { expect } from 'vitest';
import type { Operator } from '../../../cli/operator.ts';
import { runCli } from '../../../cli/run.ts';
import { floorTo, hourMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { operatorConnection } from '../../storm/tables.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});

async function weir(...words: string[]) {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  expect(await runCli(words, streams, async () => operator), err).toBe(0);
  return out;
}

it('a report counts what was answered, in the hour in which it was', async () => {
  const { api_key } = await createAccountOn(twin, 'reported', 'standard');
  const api = createApi(twin.url, api_key);
  const hour = floorTo(twin.clock.now(), hourMs);
  for (let requests = 0; requests < 3; requests += 1)
    expect((await api.post('/v1/events', [{ type: 'tick' }])).status).toBe(202);
  if (floorTo(twin.clock.now(), hourMs) === hour) twin.clock.moveBy(hourMs);

  const report = await eventually(
    async () => JSON.parse(await weir('report', '--from', '2h', '--json')),
    ({ objectives }) => (objectives[0]?.period?.total ?? 0) >= 3,
  );

  expect(report).toMatchObject({ stage: 'dev', kind: 'on demand' });
  expect(report.objectives[0].objective.name).toBe('ingest-availability');
  expect(await weir('report', '--from', '2h')).toMatch(/Ingest availability: (not )?met\. Promised 99\.9 %/);
});

it('an alarm that rang is an incident, its root cause is noted, and the report shows it', async () => {
  const client = new CloudWatchClient(operatorConnection(twin));
  const AlarmName = 'weir-dev-quarantine';
  await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
  client.destroy();
  await twin.invoke('review', {});

  const { incidents } = JSON.parse(await weir('incident', 'list', '--from', '1h', '--json'));
  const { id } = incidents.find(({ alarm }: { alarm: string }) => alarm === 'quarantine');
  await weir('incident', 'note', '--id', id, '--text', 'It was a test.');
  twin.clock.moveBy(hourMs);

  expect(await weir('report', '--from', '2h')).toContain('operator');
  expect(await weir('report', '--from', '2h')).toContain('It was a test.');
});

it('each review renews the status page in the bucket', async () => {
  expect(await twin.invoke('review', {})).toMatchObject({ objectives: expect.any(Number) });

  const objects = Object.values((await twin.state()).buckets).flatMap((bucket) => bucket.objects);
  expect(objects.map(({ key }) => key)).toContain('status/index.html');
});
