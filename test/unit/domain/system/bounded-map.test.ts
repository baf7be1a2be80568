import { expect, it } from 'vitest';
import { BoundedMap } from '../../../../domain/system/bounded-map.ts';

it('a bounded map holds so many entries, and the one that was kept longest ago makes room', () => {
  const map = new BoundedMap<number>(2);
  map.keep('a', 1);
  map.keep('b', 2);
  map.keep('a', 3);
  map.keep('c', 4);

  expect([...map.names()]).toEqual(['a', 'c']);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});

it('what is deleted makes room for another one', () => {
  const map = new BoundedMap<number>(2);
  map.keep('a', 1);
  map.keep('b', 2);
  map.delete('b');
  map.keep('c', 3);

  expect([...map.names()]).toEqual(['a', 'c']);
});
