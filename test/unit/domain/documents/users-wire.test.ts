import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { usersFromWire, usersToWire } from '../../../../domain/documents/users-wire.ts';

it('counts by user are read as they were written, whatever the ids look like', () => {
  const uuid = randomUUID();
  const likeUuids = [
    uuid.toUpperCase(),
    uuid.replaceAll('-', ''),
    `${uuid}0`,
    `${uuid}\n`,
    '__proto__',
    '0',
    '',
  ];
  const anyUser = fc.oneof(fc.uuid(), fc.string(), fc.constantFrom(uuid, ...likeUuids));
  fc.assert(
    fc.property(fc.array(fc.tuple(anyUser, fc.integer({ min: 1 }))), (list) => {
      const users = new Map(list);

      expect(usersFromWire(usersToWire(users))).toEqual(users);
    }),
  );
});

it('UUIDs are packed', () => {
  expect(usersToWire(new Map([['0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e', 2]]))).toEqual([
    'AZflom8LfB2bPlp/AMTSHg==',
    [],
    [2],
  ]);
});
