import { expect, it } from 'vitest';
import { startOperator } from './operator-fixture.ts';

it('shows the alarms, those that ring first', async () => {
  const { weir, alarms, clock } = startOperator();
  const sinceMs = clock.now();
  alarms.states = [
    { name: 'weir-dev-left-out', state: 'OK', sinceMs, reason: 'fine' },
    { name: 'weir-dev-stream-lag', state: 'ALARM', sinceMs, reason: 'late' },
  ];

  const { code, out } = await weir('alarms');

  expect(code).toBe(0);
  expect(out).toMatch(/ALARM +STATE[\s\S]*weir-dev-stream-lag +ALARM [\s\S]*weir-dev-left-out +OK /);
  expect(JSON.parse((await weir('alarms', '--json')).out)).toMatchObject({
    alarms: [
      { name: 'weir-dev-left-out', state: 'OK', since: new Date(sinceMs).toISOString(), reason: 'fine' },
      { name: 'weir-dev-stream-lag', state: 'ALARM' },
    ],
  });
});

it('shows what changed in the time that was asked for', async () => {
  const { weir, alarms, clock } = startOperator();
  const change = { name: 'weir-dev-stream-lag', from: 'OK', to: 'ALARM', reason: 'late' } as const;
  const hourMs = 3_600_000;
  alarms.history = [
    { ...change, atMs: clock.now() - 3 * hourMs, name: 'weir-dev-earlier' },
    { ...change, atMs: clock.now() - hourMs },
  ];

  const { out } = await weir('alarms', '--history', '--since', '2h');

  expect(out).toContain('weir-dev-stream-lag  OK -> ALARM\n  late');
  expect(out).not.toContain('weir-dev-earlier');
});

it('says so where there is nothing to show', async () => {
  const { weir } = startOperator();

  expect((await weir('alarms')).out).toContain('The stage has no alarm.');
  expect((await weir('alarms', '--history')).out).toContain('No alarm changed its state in this time.');
});
