import { describe, expect, it } from 'vitest';
import { findEmails } from '../../../../domain/personal-data/emails.ts';

const found = (text: string) => findEmails(text).map(({ start, end }) => text.slice(start, end));

it.each([
  ['a@b.co', 'a@b.co'],
  ['Write to jane.doe+news@mail.example.co.uk, please.', 'jane.doe+news@mail.example.co.uk'],
  ['<Jane.Doe@EXAMPLE.COM>', 'Jane.Doe@EXAMPLE.COM'],
  ['{"to":"jane_doe%x@example.com"}', 'jane_doe%x@example.com'],
  ["o'brien@example.ie", "o'brien@example.ie"],
  ['mailto:jane@example.com?subject=x', 'jane@example.com'],
  ['https://example.com/?mail=jane.doe%40example.com&page=2', 'jane.doe%40example.com'],
  ['https://user:pass@example.com/x', 'pass@example.com'],
  ['j\u00fcrgen@m\u00fcller.de', 'j\u00fcrgen@m\u00fcller.de'],
  ['\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a', '\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a'],
  ['a@xn--bcher-kva.xn--p1ai', 'a@xn--bcher-kva.xn--p1ai'],
  ['jane@sub-domain.example1.com', 'jane@sub-domain.example1.com'],
  ['jane@example.com.', 'jane@example.com'],
  ['jane@example.com42', 'jane@example.com'],
  ['\u{1f600}jane@example.com', 'jane@example.com'],
])('finds the address in %s', (text, address) => {
  expect(found(text)).toEqual([address]);
});

it('finds several addresses, and both of two that overlap', () => {
  expect(found('a@b.co;c@d.co')).toEqual(['a@b.co', 'c@d.co']);
  expect(found('a@b.co@d.co')).toEqual(['a@b.co', 'b.co@d.co']);
});

it.each([
  [''],
  ['no sign at all'],
  ['@'],
  ['@example.com'],
  ['jane@'],
  ['jane@example'],
  ['jane@localhost'],
  ['jane@example.c'],
  ['jane @example.com'],
  ['jane@ example.com'],
  ['jane@.com'],
  ['jane@127.0.0.1'],
  ['@scope/package@1.2.3'],
  ['100%4000'],
  ['5 @ 3.50'],
  ['50%40'],
])('finds none in %j', (text) => {
  expect(found(text)).toEqual([]);
});

it('never cuts a character in two', () => {
  const text = `${'\u{20000}'.repeat(100)}@example.com`;

  const [address = ''] = found(text);

  expect(address.isWellFormed()).toBe(true);
  expect(address).toBe(`${'\u{20000}'.repeat(64)}@example.com`);
});

describe('takes time in proportion to the length of an adversarial text', () => {
  const kib = 1024;

  /** The minimum of several runs, because other load on the machine only adds time. */
  function leastCpuOf(text: string): number {
    const runs = Array.from({ length: 7 }, () => {
      const before = process.cpuUsage();
      findEmails(text);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    });
    return Math.max(Math.min(...runs), 100);
  }

  it.each([
    ['@'],
    ['a@'],
    ['%40'],
    ['a%40a.'],
    ['a@a.a.a.a.a.a.a.a.'],
    [`a@${'b'.repeat(63)}.`],
    [`${'x'.repeat(64)}@`],
    [`${'x'.repeat(300)}@${'a.'.repeat(40)}1`],
    ['a@b.co'],
  ])('%j again and again', (unit) => {
    const text = (length: number) => unit.repeat(length / unit.length);

    expect(leastCpuOf(text(512 * kib)) / leastCpuOf(text(64 * kib))).toBeLessThan(32);
  });

  it.each([['a'], ['a.'], ['1 '], ['%4']])('%j many times, and one at sign', (unit) => {
    const text = (length: number) => `${unit.repeat(length / unit.length)}@`;

    expect(leastCpuOf(text(512 * kib)) / leastCpuOf(text(64 * kib))).toBeLessThan(32);
  });
});
