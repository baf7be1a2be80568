import { describe, expect, it } from 'vitest';
import { isAddressWithCapitals, isPerson, personIn, rolesIn } from '../../../../domain/accounts/people.ts';

describe('the name of a person', () => {
  it.each(['ada', 'auth0|5f7c8ec7c33c6c004bbafe82', 'ada@example.com', 'x'.repeat(255), '!~[]'])(
    'can be %j',
    (name) => expect(isPerson(name)).toBe(true),
  );

  it.each(['', 'x'.repeat(256), 'a b', 'a"b', 'a\\b', 'a#b', 'ä', 'a\n', 7, undefined, ['ada']])(
    'cannot be %j: it goes into keys, and unescaped into the log of the gateway',
    (name) => expect(isPerson(name)).toBe(false),
  );

  it.each([
    ['Ada@example.com', true],
    ['ada.b+c@Example.com', true],
    ["O'Brien@example.com", true],
    ['ada@example.com', false],
    ['Ada', false],
    ['waad|Ada@Example.com', false],
    ['https://id.test/Ada@acme', false],
  ])('%s is an address with capitals: %j', (name, expected) => {
    expect(isAddressWithCapitals(name)).toBe(expected);
  });

  it('is the subject, as it is written', () => {
    const claims = { sub: 'Ada', email: 'other@example.com', email_verified: true };

    expect(personIn(claims, { identity: 'sub' })).toBe('Ada');
    expect(personIn({ email: 'ada@example.com', email_verified: true }, { identity: 'sub' })).toBeUndefined();
  });

  it('is the address in lower case, if the issuer has verified it', () => {
    const ofAddress = (claims: object) => personIn({ sub: 'ada', ...claims }, { identity: 'email' });

    expect(ofAddress({ email: 'Ada@Example.com', email_verified: true })).toBe('ada@example.com');
    for (const email_verified of [false, undefined, 'true', 1])
      expect(ofAddress({ email: 'ada@example.com', email_verified })).toBeUndefined();
    expect(ofAddress({ email_verified: true })).toBeUndefined();
  });

  it('is never that of another person, whose letters some other letter has in lower case', () => {
    for (let point = 0x80; point <= 0x10ffff; point += 1) {
      const email = `${String.fromCodePoint(point)}ate@example.com`;
      const claims = { email, email_verified: true };
      if (personIn(claims, { identity: 'email' }) !== undefined) expect.fail(`U+${point.toString(16)}`);
    }
  });
});

describe('the roles of a claim', () => {
  it('are by account, without what is no account or no role', () => {
    const claim = { acme: 'owner', other: 'viewer', third: 'root', 'a#b': 'owner', fourth: ['owner'] };

    expect([...rolesIn(claim)]).toEqual([
      ['acme', 'owner'],
      ['other', 'viewer'],
    ]);
  });

  it.each([undefined, null, 'owner', '{"acme":"owner"}', 7, ['owner']])('are none in %j', (claim) => {
    expect(rolesIn(claim).size).toBe(0);
  });
});
