import { expect, it } from 'vitest';
import { Known } from '../../../../lambdas/authorize/known.ts';

it('what is kept is found until its time', () => {
  const known = new Known<string>(2);
  known.keep('a', 'first', 10);

  expect(known.find('a', 9)).toBe('first');
  expect(known.find('a', 10)).toBeUndefined();
  expect(known.find('b', 0)).toBeUndefined();
});

it('of more than there is room for, the one that was kept longest ago goes', () => {
  const known = new Known<string>(2);
  for (const name of ['a', 'b', 'a', 'c']) known.keep(name, name, 10);

  expect(['a', 'b', 'c'].map((name) => known.find(name, 0))).toEqual(['a', undefined, 'c']);
});

it('what is forgotten is not found', () => {
  const known = new Known<string>(2);
  known.keep('a', 'first', 10);
  known.forget('a');

  expect(known.find('a', 0)).toBeUndefined();
});
