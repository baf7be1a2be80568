// The tables of the documentation, row by row.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

import { describe, expect, it } from 'vitest';
import {
  judge,
  missingDataRules,
  type Points,
} from '../../../src/services/cloudwatch/alarms/missing-data.ts';

const pointsOf = (text: string): Points =>
  text.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));

const stay = 'unchanged';
const unknown = 'INSUFFICIENT_DATA';

/** By points; then the states for `missing`, `ignore`, `breaching` and `notBreaching`. */
type Row = readonly [
  points: string,
  missing: string,
  ignore: string,
  breaching: string,
  notBreaching: string,
];

const threeOfThree: readonly Row[] = [
  ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
  ['- - - - 0', 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', unknown, stay, 'ALARM', 'OK'],
  ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - - - X', unknown, stay, 'ALARM', 'OK'],
  ['- - X - -', 'ALARM', stay, 'ALARM', 'OK'],
  ['X - - - -', 'ALARM', stay, 'ALARM', 'OK'],
];

const twoOfThree: readonly Row[] = [
  ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 'ALARM', stay, 'ALARM', 'OK'],
  ['- - - - X', unknown, stay, 'ALARM', 'OK'],
];

describe.each([
  ['3 of 3', { evaluationPeriods: 3, datapointsToAlarm: 3 }, threeOfThree],
  ['2 of 3', { evaluationPeriods: 3, datapointsToAlarm: 2 }, twoOfThree],
] as const)('%s', (_name, quorum, rows) => {
  it.each(rows)('%s', (points, ...states) => {
    expect(missingDataRules.map((rule) => judge(pointsOf(points), quorum, rule).state)).toEqual([
      states[0],
      states[1],
      states[2],
      states[3],
    ]);
  });
});

it('looks at points farther back only for those that are missing', () => {
  const quorum = { evaluationPeriods: 2, datapointsToAlarm: 2 };

  expect(judge(pointsOf('X X X 0'), quorum, 'breaching').state).toBe('OK');
  expect(judge(pointsOf('X X - 0'), quorum, 'breaching').state).toBe('OK');
  expect(judge(pointsOf('0 X - X'), quorum, 'notBreaching').state).toBe('ALARM');
});
