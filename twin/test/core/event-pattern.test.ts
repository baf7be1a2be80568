import { describe, expect, it } from 'vitest';
import { compilePattern, PatternNotModelled } from '../../src/core/event-pattern.ts';

const event = {
  source: 'aws.s3',
  nothing: null,
  count: 3,
  tags: ['new', 'large'],
  detail: { object: { key: 'failed/a.json', size: 10 }, done: true },
};
const inObject = (key: unknown) => ({ detail: { object: { key } } });

describe('an event is of a pattern', () => {
  it.each<[string, object]>([
    ['without anything in it', {}],
    ['that lists its value', { source: ['aws.ec2', 'aws.s3'] }],
    ['that lists null, a number or a switch', { nothing: [null], count: [3], detail: { done: [true] } }],
    ['that lists one of its values', { tags: ['large', 'small'] }],
    ['with its beginning', inObject([{ prefix: 'failed/' }])],
    ['with its end', inObject([{ suffix: '.json' }])],
    ['with it in other letters', { source: [{ 'equals-ignore-case': 'AWS.S3' }] }],
    ['with one condition of several', inObject(['b', { prefix: 'failed/' }])],
    ['of anything but others', { source: [{ 'anything-but': 'aws.ec2' }] }],
    ['of anything but a list', { source: [{ 'anything-but': ['aws.ec2', 'aws.sqs'] }] }],
    ['of anything but a beginning', inObject([{ 'anything-but': { prefix: 'done/' } }])],
    ['of what exists', { detail: { object: { size: [{ exists: true }] } } }],
    ['of what does not exist, with all around it', { other: { deeper: [{ exists: false }] } }],
    ['of a number within bounds', { detail: { object: { size: [{ numeric: ['>', 0, '<=', 10] }] } } }],
    ['of an equal number', { count: [{ numeric: ['=', 3] }] }],
  ])('%s', (_name, pattern) => {
    expect(compilePattern(pattern)(event)).toBe(true);
  });
});

describe('an event is not of a pattern', () => {
  it.each<[string, object]>([
    ['that lists other values', { source: ['aws.ec2'] }],
    ['that lists its value as text', { count: ['3'] }],
    ['of which it lacks a part', { source: ['aws.s3'], absent: ['a'] }],
    ['of which it has all but one', { source: ['aws.s3'], count: [4] }],
    ['with another beginning', inObject([{ prefix: 'done/' }])],
    ['with another end', inObject([{ suffix: '.txt' }])],
    ['that leaves it out', { source: [{ 'anything-but': ['aws.s3'] }] }],
    ['that leaves its beginning out', inObject([{ 'anything-but': { prefix: 'failed/' } }])],
    ['of anything but something, where it has nothing', { absent: [{ 'anything-but': 'a' }] }],
    ['of what is not there', { absent: [{ exists: true }] }],
    ['of what must not be there', { source: [{ exists: false }] }],
    ['of a number out of bounds', { count: [{ numeric: ['>', 3] }] }],
    ['with a beginning of what is no text', { count: [{ prefix: '3' }] }],
    ['that is deeper than it', { source: { deeper: ['aws.s3'] } }],
  ])('%s', (_name, pattern) => {
    expect(compilePattern(pattern)(event)).toBe(false);
  });
});

it.each<[string, object]>([
  ['{"wildcard":"a*"} is not modelled', inObject([{ wildcard: 'a*' }])],
  ['{"cidr":"10.0.0.0/8"} is not modelled', { detail: { ip: [{ cidr: '10.0.0.0/8' }] } }],
  ['$or is not modelled', { $or: [{ count: [1] }] }],
  ['{"numeric":[">"]} is not modelled', { count: [{ numeric: ['>'] }] }],
  ['{"numeric":["about",1]} is not modelled', { count: [{ numeric: ['about', 1] }] }],
  [
    '{"prefix":{"equals-ignore-case":"a"}} is not modelled',
    { source: [{ prefix: { 'equals-ignore-case': 'a' } }] },
  ],
  ['{"prefix":"a","suffix":"b"} is not modelled', { source: [{ prefix: 'a', suffix: 'b' }] }],
  ['{"toString":"a"} is not modelled', { source: [{ toString: 'a' }] }],
  ['"aws.s3" is neither a list nor an object of lists', { source: 'aws.s3' }],
])('is refused, so that nothing is judged wrongly: %s', (message, pattern) => {
  expect(() => compilePattern(pattern)).toThrow(PatternNotModelled);
  expect(() => compilePattern(pattern)).toThrow(message);
});
