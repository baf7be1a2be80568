import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityKey } from '../../../../domain/keys.ts';
import { placeInLog } from '../../../../domain/storing/claim-log.ts';

const tenant = { account: 'acme', environment: 'production', generation: 2 };
const placeOf = (eventId: string) => placeInLog(identityKey(tenant, eventId));

/** An id of version 7 with this time. */
function uuid7(timeMs: number, rest = 'c1d-9b3e-5a7f00c4d21e'): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest}`;
}

describe('the log of an id', () => {
  it('is that of some 8 seconds of its time, in a partition of some 65', () => {
    const windowMs = 2 ** 13;
    const startMs = 8 * windowMs * 1000;
    const logAt = (timeMs: number) => placeOf(uuid7(timeMs))?.log;
    const partition = (startMs / 2 ** 16).toString(16).padStart(8, '0');

    expect(logAt(startMs)).toBe(`acme#production#2#${partition}#0`);
    expect(logAt(startMs + windowMs - 1)).toBe(logAt(startMs));
    expect(logAt(startMs + windowMs)).toBe(`acme#production#2#${partition}#1`);
    expect(logAt(startMs + 8 * windowMs - 1)).toBe(`acme#production#2#${partition}#7`);
    expect(logAt(startMs + 8 * windowMs)).not.toContain(partition);
  });

  it('is that of the prefix, if it has a prefix and a number', () => {
    expect(placeOf('bPK8wz1x_0-JqYt4mVn2Aw~17')).toEqual({
      log: 'acme#production#2#bPK8wz1x_0-JqYt4mVn2Aw#0',
      id: '00000011',
    });
  });

  it.each([
    ['of the year 1970', uuid7(0), 'acme#production#2#00000000#0'],
    ['of the year 9999', uuid7(Date.parse('9999-12-31T23:59:59.999Z')), 'acme#production#2#e677d21f#6'],
    ['of the last millisecond', uuid7(2 ** 48 - 1), 'acme#production#2#ffffffff#7'],
  ])('is that of its time, also %s', (_, id, log) => {
    expect(placeOf(id)?.log).toBe(log);
  });

  it('is one of the tenant', () => {
    const id = uuid7(1_790_000_000_000);
    const logs = [tenant, { ...tenant, generation: 3 }, { ...tenant, environment: 'staging' }].map(
      (each) => placeInLog(identityKey(each, id))?.log,
    );

    expect(new Set(logs).size).toBe(3);
  });

  it.each([
    ['in upper case', uuid7(1_790_000_000_000).toUpperCase()],
    ['in braces', `{${uuid7(1_790_000_000_000)}}`],
    ['without hyphens', uuid7(1_790_000_000_000).replaceAll('-', '')],
    ['as a URN', `urn:uuid:${uuid7(1_790_000_000_000)}`],
    ['of version 4', '0197e5a2-6f0b-4c1d-9b3e-5a7f00c4d21e'],
    ['of another variant', '0197e5a2-6f0b-7c1d-cb3e-5a7f00c4d21e'],
    ['with something behind it', `${uuid7(1_790_000_000_000)}~1`],
    ['of a batch, with a number that begins with 0', 'bPK8wz1x_0-JqYt4mVn2Aw~017'],
    ['of a batch, with a number of ten digits', 'bPK8wz1x_0-JqYt4mVn2Aw~1000000000'],
    ['of a batch, without a number', 'bPK8wz1x_0-JqYt4mVn2Aw~'],
    ['of a batch, with a shorter prefix', 'bPK8wz1x_0-JqYt4mVn2A~1'],
    ['of a batch, with another sign in its prefix', 'bPK8wz1x.0-JqYt4mVn2Aw~1'],
    ['that is random', 'order-4711'],
  ])('there is none of an id %s: it is claimed singly', (_, id) => {
    expect(placeOf(id)).toBeUndefined();
  });
});

const anyUuid7 = fc
  .tuple(
    fc.nat(2 ** 33).map((near) => 2 ** 40 + near),
    fc.bigInt(0n, 2n ** 74n - 1n),
  )
  .map(([timeMs, random]) => {
    const digits = random.toString(16).padStart(19, '0');
    const variant = '89ab'[Number(BigInt(`0x${digits}`) >> 62n) % 4];
    return uuid7(timeMs, `${digits.slice(1, 4)}-${variant}${digits.slice(4, 7)}-${digits.slice(7)}`);
  });
const anyScoped = fc
  .tuple(fc.constantFrom('bPK8wz1x_0-JqYt4mVn2Aw', 'bPK8wz1x_0-JqYt4mVn2AW'), fc.nat(999_999_999))
  .map(([prefix, number]) => `${prefix}~${number}`);

it('two ids have one place only if they are one id', () => {
  const anyId = fc.oneof(anyUuid7, anyScoped);
  const near = (id: string) =>
    fc.oneof(
      anyId,
      fc.constant(id),
      fc.nat(id.length - 1).map((at) => nudged(id, at)),
    );
  fc.assert(
    fc.property(
      anyId.chain((id) => fc.tuple(fc.constant(id), near(id))),
      ([one, other]) => {
        const [first, second] = [placeOf(one), placeOf(other)];
        expect(first).toBeDefined();
        if (one !== other) expect(second).not.toEqual(first);
      },
    ),
  );
});

/** With another character at a place. */
function nudged(id: string, at: number): string {
  const next = { '9': 'a', f: '0' }[id[at] ?? ''] ?? String.fromCharCode((id.charCodeAt(at) || 0) + 1);
  return `${id.slice(0, at)}${next}${id.slice(at + 1)}`;
}

it('all ids of a log have as many digits', () => {
  const digitsOf = (id: string) => placeOf(id)?.id.length;

  fc.assert(fc.property(anyUuid7, (id) => digitsOf(id) === 22));
  fc.assert(fc.property(anyScoped, (id) => digitsOf(id) === 8));
});
