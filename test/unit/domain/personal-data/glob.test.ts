import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { compileNames, foldName } from '../../../../domain/personal-data/glob.ts';

const matches = (pattern: string, name: string) => compileNames([pattern])(foldName(name));

it.each([
  ['password', 'password', true],
  ['password', 'PassWord', true],
  ['PASSWORD', 'password', true],
  ['password', 'password2', false],
  ['password', 'my.password', false],
  ['tax_*', 'tax_', true],
  ['tax_*', 'Tax_Number', true],
  ['tax_*', 'my_tax_number', false],
  ['*token', 'access_token', true],
  ['*token', 'tokens', false],
  ['*secret*', 'my_secret_key', true],
  ['*', '', true],
  ['*', 'anything', true],
  ['**', 'anything', true],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['ab*ba', 'abba', true],
  ['*aa*a', 'aa', false],
  ['*aa*aa', 'aaa', false],
  ['a.c', 'abc', false],
  ['a[bc]', 'ab', false],
  ['(a+)+$', 'aaaa', false],
  ['pr\u00e9nom', 'PRE\u0301NOM', true],
  ['__proto__', '__proto__', true],
])('%s for %s: %s', (pattern, name, expected) => {
  expect(matches(pattern, name)).toBe(expected);
});

it('matches as the equivalent regular expression does', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(few, few, (pattern, name) => {
      const equal = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
      expect(matches(pattern, name)).toBe(equal.test(name));
    }),
    { numRuns: 2000 },
  );
});

it('searches each piece once, however many places match', () => {
  const matchesHostile = compileNames([`${'*a'.repeat(60)}*b*`]);
  const looks = vi.spyOn(String.prototype, 'indexOf');

  const matched = matchesHostile('a'.repeat(16_384));

  expect(looks).toHaveBeenCalledTimes(61);
  looks.mockRestore();
  expect(matched).toBe(false);
});
