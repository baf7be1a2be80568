import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  addUser,
  addUsersOfBytes,
  type DistinctUsers,
  estimate,
  noUsers,
  relativeError,
  usersFromBytes,
  usersToBytes,
} from '../../../../domain/documents/distinct-users.ts';

const sketch = (userIds: Iterable<string>): DistinctUsers => {
  const users = noUsers();
  for (const userId of userIds) addUser(users, userId);
  return users;
};
function* numbered(count: number, prefix: string): Generator<string> {
  for (let index = 0; index < count; index += 1) yield `${prefix}${index}`;
}
const merged = (...sketches: DistinctUsers[]): DistinctUsers => {
  const users = noUsers();
  for (const each of sketches) addUsersOfBytes(users, usersToBytes(each));
  return users;
};
const anyUsers = fc.array(fc.string({ minLength: 1 }), { maxLength: 200 });

it('merged sketches equal the sketch of all users, whatever the order, grouping and repetition', () => {
  fc.assert(
    fc.property(anyUsers, anyUsers, anyUsers, (a, b, c) => {
      const together = sketch([...a, ...b, ...c]);

      expect(merged(sketch(a), sketch(b), sketch(c))).toEqual(together);
      expect(merged(sketch(c), merged(sketch(b), sketch(a)), sketch(b))).toEqual(together);
      expect(sketch([...c, ...c, ...a, ...b].toReversed())).toEqual(together);
    }),
  );
});

it('a sketch is read from its bytes as it was written, with few users or many', () => {
  for (const count of [0, 1, 50, 1000, 1150, 1180, 1181, 1182, 1183, 1200, 1700, 2000, 5000, 100_000]) {
    const users = sketch(numbered(count, 'u'));

    const bytes = usersToBytes(users);

    expect(usersFromBytes(bytes)).toEqual(users);
    expect(bytes.length).toBeLessThanOrEqual(Math.min(3072, 3 * count));
  }
});

it('the estimate is 0 for no users, and exact for a few', () => {
  expect(estimate(noUsers())).toBe(0);
  for (const count of [1, 2, 5, 10]) expect(Math.round(estimate(sketch(numbered(count, 'few'))))).toBe(count);
});

it('from 1 to 200,000 users the error of the estimate is as promised', () => {
  const errors: number[] = [];
  for (const [size, seeds] of [
    [100, 40],
    [1000, 30],
    [4096, 20],
    [10_000, 16],
    [20_000, 6],
    [200_000, 1],
  ] as const) {
    for (let seed = 0; seed < seeds; seed += 1)
      errors.push(estimate(sketch(numbered(size, `${size}-${seed}-`))) / size - 1);
  }
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length;

  expect(Math.sqrt(squares / errors.length)).toBeLessThan(1.15 * relativeError);
  expect(Math.abs(bias)).toBeLessThan(relativeError / 4);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * relativeError);
});

it('a rank continues into the second word of the hash', () => {
  // Its SHA-256 begins e4900000 640a1075.
  const users = sketch(['rare-652768']);

  expect(users[0xe49]).toBe(22);
});

it('the hash has not changed, so that stored sketches can be merged with new ones', () => {
  expect(Buffer.from(usersToBytes(sketch(['ann', 'bob', 'é€𝄞']))).toString('hex')).toMatchInlineSnapshot(
    `"0126440206c2024501"`,
  );
});
