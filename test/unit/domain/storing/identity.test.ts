import { expect, it } from 'vitest';
import { digestOf } from '../../../../domain/event/digest.ts';
import { classify, type IdentityClaim } from '../../../../domain/storing/identity.ts';
import { event, nowMs } from '../../../support/events.ts';

const same = (a: Parameters<typeof event>[0], b: Parameters<typeof event>[0]) =>
  Buffer.compare(digestOf(event(a)), digestOf(event(b))) === 0;

it('treats two spellings of one metadata object as the same event', () => {
  expect(
    same({ metadata: { a: 1, b: { c: [1, 2], d: 2 } } }, { metadata: { b: { d: 2, c: [1, 2] }, a: 1 } }),
  ).toBe(true);
});

it('treats two spellings with keys that are numbers, or `__proto__`, as the same event', () => {
  const parsed = (json: string) => ({ metadata: JSON.parse(json) });

  expect(same(parsed('{"10":1,"9":{"b":1,"a":2}}'), parsed('{"9":{"a":2,"b":1},"10":1}'))).toBe(true);
  expect(same(parsed('{"b":1,"__proto__":1,"a":1}'), parsed('{"__proto__":1,"a":1,"b":1}'))).toBe(true);
  expect(same(parsed('{"b":1,"__proto__":1,"a":1}'), parsed('{"b":1,"a":1}'))).toBe(false);
  expect(same(parsed('{"a":{"__proto__":1}}'), parsed('{"a":{}}'))).toBe(false);
});

const manyNames = (order: (names: string[]) => string[], change: Record<string, unknown> = {}) => {
  const names = Array.from({ length: 200 }, (_, index) => `name-${index}`);
  return { deep: Object.fromEntries(order(names).map((name) => [name, change[name] ?? name.length])) };
};
const asIs = (names: string[]) => names;

it('treats two spellings of an object of many names as the same event, and another value as another', () => {
  const one = manyNames(asIs);

  expect(same({ metadata: one }, { metadata: manyNames((names) => names.toReversed()) })).toBe(true);
  expect(same({ metadata: one }, { metadata: manyNames(asIs, { 'name-7': 0 }) })).toBe(false);
  expect(same({ metadata: one }, { metadata: manyNames((names) => names.slice(1)) })).toBe(false);
});

it('tells an object of many names from the lists of its names and values', () => {
  const { deep } = manyNames(asIs);
  const names = Object.keys(deep).toSorted();
  const lists = { names, values: names.map((name) => deep[name]) };

  expect(same({ metadata: { deep } }, { metadata: { deep: lists } })).toBe(false);
  expect(same({ metadata: lists }, { metadata: { values: lists.values, names } })).toBe(true);
  expect(
    same({ metadata: lists }, { metadata: { names: ['names', 'values'], values: [names, lists.values] } }),
  ).toBe(false);
});

it('treats a resend without a timestamp as the same event, whenever it arrives', () => {
  expect(same({ made: ['timestamp'] }, { made: ['timestamp'], timestamp: nowMs + 5000 })).toBe(true);
});

it.each([
  ['type', { type: 'other' }],
  ['user', { user_id: 'u' }],
  ['service', { service: 's' }],
  ['value', { value: 0 }],
  ['time', { timestamp: nowMs + 1 }],
  ['metadata', { metadata: {} }],
])('treats an event as another one if the %s differs', (_, other) => {
  expect(same({}, other)).toBe(false);
});

it('does not confuse a user with a service', () => {
  expect(same({ user_id: 'x' }, { service: 'x' })).toBe(false);
});

const claim = (record: IdentityClaim['record'], type = 't'): IdentityClaim => ({
  key: 'k',
  record,
  page: 'p',
  digest: digestOf(event({ type })),
  receivedAtMs: 0,
  untilMs: 1,
  expiresAtMs: 2,
});

it('tells apart an earlier try of the record, a duplicate and a conflict', () => {
  expect(classify(claim('b.0'), claim('b.0'))).toBe('mine');
  expect(classify(claim('b.0'), claim('a.0'))).toBe('duplicate');
  expect(classify(claim('b.0', 'x'), claim('a.0', 'y'))).toBe('conflict');
});
