import { describe, expect, it } from 'vitest';
import { createAlarms } from '../../../src/cloudwatch.ts';
import { AlarmNotModelled } from '../../../src/services/cloudwatch/alarms/alarm-definition.ts';
import type { Alarms } from '../../../src/services/cloudwatch/alarms/alarms.ts';
import { templateOf } from '../../fixture.ts';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-30T10:00:00Z');
const at = (minute: number) => startMs + minute * minuteMs;
const topicArn = 'arn:aws:sns:us-east-1:000000000000:weir-test-Pages';

const watched = {
  Namespace: 'Shop',
  MetricName: 'errors',
  Dimensions: [{ Name: 'Api', Value: 'orders' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
};
const errors = { namespace: 'Shop', name: 'errors', dimensions: { Api: 'orders' }, unit: 'Count' };

type Properties = Readonly<Record<string, unknown>>;

function alarmsOf(
  alarms: Readonly<Record<string, Properties>>,
  composites: Readonly<Record<string, Properties>> = {},
) {
  const typed = (Type: string, of: Readonly<Record<string, Properties>>) =>
    Object.entries(of).map(([id, properties]) => [
      id,
      { Type, Properties: { AlarmName: id.toLowerCase(), ...properties } },
    ]);
  return createAlarms(
    templateOf({
      Pages: { Type: 'AWS::SNS::Topic' },
      ...Object.fromEntries([
        ...typed('AWS::CloudWatch::Alarm', alarms),
        ...typed('AWS::CloudWatch::CompositeAlarm', composites),
      ]),
    }),
  );
}

/** One value a minute; the state after each. */
function run(alarms: Alarms, name: string, values: readonly (number | undefined)[]): readonly string[] {
  return values.map((value, minute) => {
    if (value !== undefined) alarms.store.add({ ...errors, value, timestampMs: at(minute) });
    alarms.evaluateAt(at(minute + 1));
    return alarms.stateOf(name);
  });
}

describe('an alarm', () => {
  it('knows nothing before its first value, alarms after so many breaching periods, and ends with the first other', () => {
    const alarms = alarmsOf({ Failing: watched });
    expect(alarms.stateOf('failing')).toBe('INSUFFICIENT_DATA');

    expect(run(alarms, 'failing', [6, 6, 6, 6, 5, 6])).toEqual([
      'INSUFFICIENT_DATA',
      'INSUFFICIENT_DATA',
      'ALARM',
      'ALARM',
      'OK',
      'OK',
    ]);
  });

  it('looks only at minutes that have ended', () => {
    const alarms = alarmsOf({ Failing: { ...watched, EvaluationPeriods: 1 } });
    alarms.store.add({ ...errors, value: 6, timestampMs: at(0) });

    expect(alarms.evaluateAt(at(0) + 59_000)).toEqual([]);
    expect(alarms.evaluateAt(at(1))).toHaveLength(1);
  });

  it('counts datapoints to alarm among its periods', () => {
    const alarms = alarmsOf({ Failing: { ...watched, DatapointsToAlarm: 2 } });

    expect(run(alarms, 'failing', [0, 0, 9, 0, 9, 0, 0])).toEqual([
      'OK',
      'OK',
      'OK',
      'OK',
      'ALARM',
      'OK',
      'OK',
    ]);
  });

  it.each([
    ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
    ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
    ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
    ['LessThanOrEqualToThreshold', ['ALARM', 'ALARM', 'OK']],
  ])('compares by %s', (ComparisonOperator, expected) => {
    const alarms = alarmsOf({ Failing: { ...watched, ComparisonOperator, EvaluationPeriods: 1 } });

    expect(run(alarms, 'failing', [4, 5, 6])).toEqual(expected);
  });

  it('keeps its state without data where it ignores that, and not where missing data breach', () => {
    const ignoring = alarmsOf({ Failing: { ...watched, TreatMissingData: 'ignore', EvaluationPeriods: 1 } });
    const breaching = alarmsOf({
      Failing: { ...watched, TreatMissingData: 'breaching', EvaluationPeriods: 1 },
    });
    const values = [0, undefined, undefined, undefined];

    expect(run(ignoring, 'failing', values)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(run(breaching, 'failing', values)).toEqual(['OK', 'OK', 'OK', 'ALARM']);
  });

  it('slides its window by the minute', () => {
    const alarms = alarmsOf({ Failing: { ...watched, Period: 300, EvaluationPeriods: 1 } });

    expect(run(alarms, 'failing', [3, 0, 0, 0, 3, 0]).slice(3)).toEqual(['OK', 'ALARM', 'OK']);
  });

  it('looks once an hour where it looks back more than a day', () => {
    const alarms = alarmsOf({
      Failing: { ...watched, Period: 86_400, EvaluationPeriods: 2, DatapointsToAlarm: 1 },
    });
    run(alarms, 'failing', [1]);
    alarms.store.add({ ...errors, value: 9, timestampMs: at(70) });

    alarms.evaluateAt(at(119));
    expect(alarms.stateOf('failing')).not.toBe('ALARM');
    alarms.evaluateAt(at(120));
    expect(alarms.stateOf('failing')).toBe('ALARM');
  });

  it('judges an expression over metrics', () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
    });
    const alarms = alarmsOf({
      Failing: {
        Metrics: [
          { Id: 'share', Expression: 'IF(all > 0, 100 * FILL(bad, 0) / all, 0)' },
          metric('bad', 'bad'),
          metric('all', 'all'),
        ],
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    });
    const add = (name: string, value: number, minute: number) =>
      alarms.store.add({ ...errors, name, dimensions: {}, value, timestampMs: at(minute) });
    add('all', 100, 0);
    alarms.evaluateAt(at(1));
    expect(alarms.stateOf('failing')).toBe('OK');
    add('all', 100, 1);
    add('bad', 6, 1);

    expect(alarms.evaluateAt(at(2))).toMatchObject([{ from: 'OK', to: 'ALARM' }]);
  });

  it('tells the actions of the state that it comes to, and why', () => {
    const alarms = alarmsOf({
      Failing: { ...watched, EvaluationPeriods: 1, AlarmActions: [{ Ref: 'Pages' }] },
      Quiet: { ...watched, EvaluationPeriods: 1, AlarmActions: [{ Ref: 'Pages' }], ActionsEnabled: false },
    });
    alarms.store.add({ ...errors, value: 6, timestampMs: at(0) });

    expect(alarms.evaluateAt(at(1))).toMatchObject([
      {
        alarm: { name: 'failing' },
        actions: [topicArn],
        reason:
          'Threshold Crossed: 1 of the last 1 datapoints [6] was greater than the threshold (5), and 0 were missing ' +
          '(minimum 1 for ALARM; missing data: missing).',
      },
      { alarm: { name: 'quiet' }, actions: [] },
    ]);
    alarms.store.add({ ...errors, value: 0, timestampMs: at(1) });
    expect(alarms.evaluateAt(at(2)).map(({ to, actions }) => [to, actions])).toEqual([
      ['OK', []],
      ['OK', []],
    ]);
    expect(alarms.history()).toHaveLength(4);
  });

  it('that is set to a state has it until it is evaluated', () => {
    const alarms = alarmsOf({ Failing: { ...watched, TreatMissingData: 'notBreaching' } });
    alarms.evaluateAt(at(1));
    alarms.evaluateAt(at(2));

    expect(alarms.set('failing', 'ALARM', 'a test', at(2))).toMatchObject({ from: 'OK', to: 'ALARM' });
    expect(alarms.stateOf('failing')).toBe('ALARM');
    alarms.evaluateAt(at(3));
    expect(alarms.stateOf('failing')).toBe('OK');
  });
});

describe('a composite alarm', () => {
  it('follows the states of others, composite ones among them, in the same evaluation', () => {
    const alarms = alarmsOf(
      {
        Failing: { ...watched, EvaluationPeriods: 1 },
        Other: { ...watched, EvaluationPeriods: 1, Threshold: 8 },
      },
      {
        Page: { AlarmRule: 'ALARM("both") AND NOT ALARM("other") OR ALARM(both)' },
        Both: {
          AlarmRule: {
            'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': ['Failing', 'Arn'] }, '") AND ALARM(other)']],
          },
        },
      },
    );
    alarms.store.add({ ...errors, value: 6, timestampMs: at(0) });
    expect(alarms.evaluateAt(at(1)).map(({ alarm, to }) => [alarm.name, to])).toEqual([
      ['failing', 'ALARM'],
      ['other', 'OK'],
      ['both', 'OK'],
      ['page', 'OK'],
    ]);
    alarms.store.add({ ...errors, value: 9, timestampMs: at(1) });

    expect(alarms.evaluateAt(at(2))).toMatchObject([
      { alarm: { name: 'other' } },
      { alarm: { name: 'both' }, to: 'ALARM', reason: 'The rule holds: failing is ALARM, other is ALARM.' },
      { alarm: { name: 'page' }, to: 'ALARM' },
    ]);
  });
});

it.each([
  ['a comparison', { ...watched, ComparisonOperator: 'LessThanLowerThreshold' }, 'LessThanLowerThreshold'],
  ['a statistic', { ...watched, Statistic: undefined, ExtendedStatistic: 'tm90' }, 'tm90'],
  ['missing data', { ...watched, TreatMissingData: 'guess' }, 'guess'],
  ['a period', { ...watched, Period: 10 }, '10 s'],
])('refuses %s that it does not know, with the alarm', (_what, properties, named) => {
  expect(() => alarmsOf({ Failing: properties })).toThrow(AlarmNotModelled);
  expect(() => alarmsOf({ Failing: properties })).toThrow(/^Failing: /);
  expect(() => alarmsOf({ Failing: properties })).toThrow(named);
});

it.each([
  ['asks for an alarm that is not there', { Page: { AlarmRule: 'ALARM(gone)' } }, 'gone'],
  ['asks itself', { Page: { AlarmRule: 'ALARM(other)' }, Other: { AlarmRule: 'OK(page)' } }, 'its own state'],
  ['has a suppressor', { Page: { AlarmRule: 'TRUE', ActionsSuppressor: 'x' } }, 'ActionsSuppressor'],
])('refuses a composite alarm that %s', (_what, composites, named) => {
  expect(() => alarmsOf({ Failing: watched }, composites as never)).toThrow(named);
});
