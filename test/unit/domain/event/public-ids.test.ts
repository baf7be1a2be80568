import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isEventId } from '../../../../domain/event/event-id.ts';
import { publicEventId } from '../../../../domain/event/public-ids.ts';

const keyId = fc.stringMatching(/^[0-9a-f]{12}$/);
const eventId = fc.oneof(
  fc.stringMatching(/^[a-z.~_-]{1,5}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
  fc.stringMatching(/^[a-z0-9]{110,128}$/),
);

it('the id of an event of a public key is an id, and of this key and this event alone', () => {
  fc.assert(
    fc.property(keyId, eventId, keyId, eventId, (key, id, otherKey, otherId) => {
      const made = publicEventId(key, id);
      expect(isEventId(made)).toBe(true);
      expect(made.startsWith(key)).toBe(true);
      expect(publicEventId(otherKey, otherId) === made).toBe(key === otherKey && id === otherId);
    }),
    { seed: 23 },
  );
});

it('an id that looks like the digest of another one is not that one', () => {
  const long = 'x'.repeat(128);
  const digest = publicEventId('0123456789ab', long).slice(13);

  expect(publicEventId('0123456789ab', digest)).not.toBe(publicEventId('0123456789ab', long));
});
