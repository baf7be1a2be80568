import { expect, it } from 'vitest';
import { AlarmRuleUnreadable, readAlarmRule } from '../../../src/services/cloudwatch/alarms/alarm-rule.ts';
import type { AlarmState } from '../../../src/services/cloudwatch/alarms/missing-data.ts';

const states: Readonly<Record<string, AlarmState>> = {
  up: 'OK',
  down: 'ALARM',
  'shop-new orders': 'INSUFFICIENT_DATA',
  'shop-new': 'INSUFFICIENT_DATA',
};

it.each([
  ['ALARM(down)', true],
  ['ALARM("up")', false],
  ['OK(up)', true],
  ['INSUFFICIENT_DATA("shop-new orders")', true],
  ['INSUFFICIENT_DATA(shop-new)', true],
  ['ALARM("arn:aws:cloudwatch:us-east-1:000000000000:alarm:down")', true],
  ['(ALARM("down") AND ALARM("up"))', false],
  ['ALARM(down) AND NOT ALARM(up)', true],
  ['ALARM(up) OR ALARM(down) AND OK(up)', true],
  ['(ALARM(up) OR ALARM(down)) AND OK(down)', false],
  ['NOT (ALARM(up) OR OK(down))', true],
  ['TRUE', true],
  ['FALSE OR NOT FALSE', true],
])('%s is %s', (rule, expected) => {
  expect(readAlarmRule(rule).holds((name) => states[name] as AlarmState)).toBe(expected);
});

it('tells which alarms it asks', () => {
  expect([...readAlarmRule('ALARM(up) AND (OK("down") OR ALARM(up))').names]).toEqual(['up', 'down']);
});

it.each(['', 'ALARM(down', 'ALARM(down) ALARM(up)', 'ALARM(down) AND', '(TRUE', 'BROKEN(down)', 'TRUE)'])(
  'refuses "%s"',
  (rule) => {
    expect(() => readAlarmRule(rule)).toThrow(AlarmRuleUnreadable);
  },
);
