import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import { Schedules } from '../../../src/services/eventbridge/schedules.ts';
import { functionArn, templateOf } from '../../fixture.ts';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-21T10:25:00.000Z');
const invoke = vi.fn((_arn: string, _event: unknown) => undefined);
const problems: string[] = [];
let clock: Clock;
let schedules: Schedules;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs });
  clock = createClock(() => Date.now());
  invoke.mockClear();
  problems.length = 0;
});
afterEach(async () => {
  await schedules.end();
  vi.useRealTimers();
});

const start = async (...rules: object[]) => {
  const rule = (properties: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: { Targets: [{ Id: 'Target0', Arn: functionArn('report') }], ...properties },
  });
  const template = templateOf({
    Report: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'report' } },
    ...Object.fromEntries(rules.map((each, index) => [`Rule${index}`, rule(each)])),
  });
  schedules = new Schedules({
    template,
    invocations: { invoke },
    clock,
    report: (problem) => problems.push(problem),
  });
  await schedules.start();
  return template;
};

it('invokes the function of a rule whenever its time has come, with the event of a schedule', async () => {
  await start({ ScheduleExpression: 'rate(15 minutes)' });

  await vi.advanceTimersByTimeAsync(14 * minuteMs);
  expect(invoke).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(17 * minuteMs);

  expect(invoke.mock.calls.map(([arn, event]) => [arn, (event as { time: string }).time])).toEqual([
    [functionArn('report'), '2026-11-21T10:40:00Z'],
    [functionArn('report'), '2026-11-21T10:55:00Z'],
  ]);
  expect(invoke.mock.calls[0]?.[1]).toMatchObject({
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    detail: {},
  });
});

it('does not run what is disabled, nor after its end', async () => {
  await start({ ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' });
  await vi.advanceTimersByTimeAsync(5 * minuteMs);
  await schedules.end();

  await start({ ScheduleExpression: 'rate(1 minute)' });
  await schedules.end();
  await vi.advanceTimersByTimeAsync(5 * minuteMs);

  expect(invoke).not.toHaveBeenCalled();
});

it('waits longer than a timer can hold', async () => {
  await start({ ScheduleExpression: 'rate(40 days)' });

  await vi.advanceTimersByTimeAsync(39 * 24 * 60 * minuteMs);
  expect(invoke).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(24 * 60 * minuteMs);

  expect(invoke).toHaveBeenCalledTimes(1);
});

it('does not make up for what was missed while the machine slept', async () => {
  await start({ ScheduleExpression: 'rate(15 minutes)' });

  vi.setSystemTime(startMs + 8 * 60 * minuteMs);
  await vi.advanceTimersByTimeAsync(20 * minuteMs);

  expect(invoke.mock.calls.length).toBeGreaterThanOrEqual(1);
  expect(invoke.mock.calls.length).toBeLessThanOrEqual(2);
});

it('runs once what has become due when the clock is moved, and goes on from there', async () => {
  await start({ ScheduleExpression: 'rate(15 minutes)' }, { ScheduleExpression: 'cron(0 4 * * ? *)' });

  clock.moveBy(50 * minuteMs);
  await vi.advanceTimersByTimeAsync(0);
  expect(invoke).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(15 * minuteMs);
  expect(invoke).toHaveBeenCalledTimes(2);
  clock.moveTo(Date.parse('2026-11-22T04:00:00Z'));
  await vi.advanceTimersByTimeAsync(0);

  expect(invoke).toHaveBeenCalledTimes(4);
});

it('runs on time after the clock was moved back', async () => {
  await start({ ScheduleExpression: 'rate(1 hour)' });
  clock.moveBy(30 * 24 * 60 * minuteMs);
  await vi.advanceTimersByTimeAsync(0);
  invoke.mockClear();

  clock.reset();
  await vi.advanceTimersByTimeAsync(60 * minuteMs);

  expect(invoke).toHaveBeenCalledTimes(1);
});

it('stays quiet after the last run of a schedule, and runs it again when the clock goes back', async () => {
  await start({ ScheduleExpression: 'cron(0 12 * * ? 2026)' }, { ScheduleExpression: 'rate(1 day)' });
  clock.moveTo(Date.parse('2026-12-31T12:00:00Z'));
  await vi.advanceTimersByTimeAsync(0);
  clock.moveTo(Date.parse('2027-06-01T00:00:00Z'));
  await vi.advanceTimersByTimeAsync(0);
  invoke.mockClear();

  await vi.advanceTimersByTimeAsync(24 * 60 * minuteMs);
  expect(invoke).toHaveBeenCalledTimes(1);
  clock.reset();
  await vi.advanceTimersByTimeAsync(24 * 60 * minuteMs);

  expect(invoke).toHaveBeenCalledTimes(3);
});

it('gives a target the input of its own in place of the event', async () => {
  await start({
    ScheduleExpression: 'rate(1 minute)',
    Targets: [{ Id: 'Target0', Arn: functionArn('report'), Input: '{"day":"today"}' }],
  });

  await vi.advanceTimersByTimeAsync(minuteMs);

  expect(invoke.mock.calls).toEqual([[functionArn('report'), { day: 'today' }]]);
});

it('tells at the start of an input that is no JSON and of times it does not know, and runs the others', async () => {
  await start(
    {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Id: 'Target0', Arn: functionArn('report'), Input: '{' }],
    },
    { ScheduleExpression: 'cron(0 0 L * ? *)' },
    { ScheduleExpression: 'rate(2 minutes)' },
  );
  expect(problems).toEqual([
    expect.stringMatching(/^Rule0: Target0 is not called: its input is no JSON/),
    expect.stringContaining('not modelled'),
  ]);

  await vi.advanceTimersByTimeAsync(2 * minuteMs);

  expect(invoke).toHaveBeenCalledTimes(1);
});

it('says at the start which targets are no functions, and calls the others', async () => {
  const queueArn = 'arn:aws:sqs:us-east-1:000000000000:q';
  await start({
    ScheduleExpression: 'rate(1 minute)',
    Targets: [
      { Id: 'Queue', Arn: queueArn },
      { Id: 'Report', Arn: functionArn('report') },
    ],
  });
  expect(problems).toEqual([`Rule0: Queue is not called: ${queueArn} is no function.`]);

  await vi.advanceTimersByTimeAsync(minuteMs);

  expect(invoke.mock.calls.map(([arn]) => arn)).toEqual([functionArn('report')]);
});

it('leaves unread what rules hold that no schedule needs', async () => {
  const Targets = [
    { Id: 'Target0', Arn: functionArn('report'), Input: '{}', RoleArn: 'arn:aws:iam::0:role/r' },
  ];
  const template = await start(
    { ScheduleExpression: 'rate(1 minute)', State: 'DISABLED', Targets },
    { EventPattern: { source: ['weir'] } },
  );

  expect(template.unread().map(({ resource, path }) => `${resource.logicalId}: ${path}`)).toEqual([
    'Rule0: Targets.RoleArn',
    'Rule1: Targets.Id',
    'Rule1: Targets.Arn',
    'Rule1: EventPattern.source',
  ]);
});
