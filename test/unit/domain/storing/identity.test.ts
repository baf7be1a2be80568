import { expect, it } from 'vitest';
import { classify, digestOf, type IdentityClaim } from '../../../../domain/storing/identity.ts';
import { event, nowMs } from '../../../support/events.ts';

const same = (a: Parameters<typeof event>[0], b: Parameters<typeof event>[0]) =>
  Buffer.compare(digestOf(event(a)), digestOf(event(b))) === 0;

it('sees one event in two spellings of its metadata', () => {
  expect(
    same({ metadata: { a: 1, b: { c: [1, 2], d: 2 } } }, { metadata: { b: { d: 2, c: [1, 2] }, a: 1 } }),
  ).toBe(true);
});

it('sees one event in a resend without a timestamp, whenever it arrives', () => {
  expect(same({ made: ['timestamp'] }, { made: ['timestamp'], timestamp: nowMs + 5000 })).toBe(true);
});

it.each([
  ['type', { type: 'other' }],
  ['user', { user_id: 'u' }],
  ['service', { service: 's' }],
  ['time', { timestamp: nowMs + 1 }],
  ['metadata', { metadata: {} }],
])('sees another event where the %s differs', (_, other) => {
  expect(same({}, other)).toBe(false);
});

it('does not take a user for a service', () => {
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

it('tells an earlier try of the same record, the same event and another event apart', () => {
  expect(classify(claim('b.0'), claim('b.0'))).toBe('mine');
  expect(classify(claim('b.0'), claim('a.0'))).toBe('duplicate');
  expect(classify(claim('b.0', 'x'), claim('a.0', 'y'))).toBe('conflict');
});
