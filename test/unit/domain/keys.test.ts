// Isolation by construction: no key of one tenant is a key of another one, whatever else is in it.

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Lane, Tenant } from '../../../domain/keys.ts';
import * as keys from '../../../domain/keys.ts';

/** What may stand in a key beside the tenant: an event id, a record id, a digest. None has a `#`. */
type Rest = { readonly text: string; readonly slot: number; readonly late: boolean };

const laneOf = (tenant: Tenant, { slot, late }: Rest): Lane => ({ tenant, slot, late });

/** Every function of domain/keys.ts that makes a key or a name of a tenant. */
const ofTenant: Readonly<Record<string, (tenant: Tenant, rest: Rest) => string>> = {
  tenantKey: keys.tenantKey,
  slotKey: (tenant, { slot }) => keys.slotKey(tenant, slot),
  daysKey: keys.daysKey,
  streamKey: (tenant, { slot, late }) => keys.streamKey(tenant, slot, late),
  laneKey: (tenant, rest) => keys.laneKey(laneOf(tenant, rest)),
  countKey: (tenant, rest) => keys.countKey(laneOf(tenant, rest)),
  identityKey: (tenant, { text }) => keys.identityKey(tenant, text),
  rejectionsKey: keys.rejectionsKey,
  countedRejectionsKey: (tenant, { text }) => keys.countedRejectionsKey(tenant, text),
  levelsKey: keys.levelsKey,
  quarantineKey: keys.quarantineKey,
  deadLetterName: (tenant, { text }) => keys.deadLetterName(tenant, text, text),
  payloadName: (tenant, { text }) => keys.payloadName(tenant, text),
  idempotencyKey: (tenant, { text }) => keys.idempotencyKey(tenant, text),
  eventUseKey: keys.eventUseKey,
  readUseKey: keys.readUseKey,
  circuitKey: keys.circuitKey,
  senderKey: keys.senderKey,
};

it('every function of keys that takes a tenant or a lane is judged here', () => {
  const source = readFileSync('domain/keys.ts', 'utf8');
  const makers = [...source.matchAll(/export (?:const|function) (\w+)(?: = )?\(([^)]*)\)/g)]
    .filter(([, , parameters = '']) => /: (?:Tenant|Sender|Lane)\b/.test(parameters))
    .map(([, name]) => name);

  // It lists lanes, and makes no key.
  expect(makers.filter((name) => name !== 'lanesOf').toSorted()).toEqual(Object.keys(ofTenant).toSorted());
});

// Few letters, so that two tenants are often alike.
const account = fc.stringMatching(/^[a1][a1-]{0,3}$/);
const environment = fc.stringMatching(/^[a][a1-]{0,3}$/);
const tenant = fc.record({ account, environment, generation: fc.integer({ min: 0, max: 12 }) });
const rest = fc.record({
  text: fc.stringMatching(/^[a1:._-]{1,5}$/),
  slot: fc.integer({ min: 0, max: 12 }),
  late: fc.boolean(),
});

it.each(Object.entries(ofTenant))('%s has no key of two tenants', (_name, make) => {
  fc.assert(
    fc.property(tenant, tenant, rest, rest, (one, other, ofOne, ofOther) => {
      fc.pre(keys.tenantKey(one) !== keys.tenantKey(other));
      expect(make(one, ofOne)).not.toBe(make(other, ofOther));
    }),
  );
});

it('visitors by a public key have keys apart from those of the tenant, and of other public keys', () => {
  const right = { account: 'acme', environment: 'production', generation: 0 };
  const senders = [right, { ...right, publicKey: '0123456789ab' }, { ...right, publicKey: 'ba9876543210' }];

  for (const make of [keys.senderKey, keys.eventUseKey, keys.circuitKey])
    expect(new Set(senders.map(make)).size).toBe(3);
});

it('a tenant differs from another one by account, environment or generation', () => {
  fc.assert(
    fc.property(tenant, tenant, (one, other) => {
      const alike =
        one.account === other.account &&
        one.environment === other.environment &&
        one.generation === other.generation;
      expect(keys.tenantKey(one) === keys.tenantKey(other)).toBe(alike);
      expect(keys.tenantOfKey(keys.tenantKey(one))).toEqual(one);
    }),
  );
});

it.each([
  { account: 'a#b' },
  { account: '' },
  { environment: 'p#0' },
  { environment: '' },
  { generation: -1 },
  { generation: Number.NaN },
])('a tenant with %j has no key', (wrong) => {
  const right = { account: 'acme', environment: 'production', generation: 0 };
  expect(() => keys.tenantKey({ ...right, ...wrong })).toThrow(keys.InvalidTenant);
});
