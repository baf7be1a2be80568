import { expect, it } from 'vitest';
import type { PersonalDataPolicy } from '../../../../domain/personal-data/personal-data.ts';
import { policyName } from '../../../../domain/personal-data/policy-name.ts';

const policy: PersonalDataPolicy = {
  fields: [
    { name: 'password', action: 'refuse' },
    { name: 'tax_*', action: 'redact' },
  ],
  detectors: [{ detect: 'email', action: 'redact', in: ['metadata', 'user_id'] }],
};

it('is short and valid in a key', () => {
  expect(policyName(policy)).toMatch(/^[A-Za-z0-9_-]{16}$/);
});

it('is the same in every release, because it is stored', () => {
  expect(policyName(policy)).toBe('E1WU8zBgNi-HhuNA');
});

it.each<[string, PersonalDataPolicy]>([
  ['in another order', { detectors: policy.detectors, fields: policy.fields?.toReversed() }],
  ['twice', { ...policy, fields: [...(policy.fields ?? []), { action: 'refuse', name: 'password' }] }],
  [
    'in capitals',
    { ...policy, fields: policy.fields?.map(({ name, action }) => ({ action, name: name.toUpperCase() })) },
  ],
  [
    'in two rules',
    {
      ...policy,
      detectors: [
        { detect: 'email', action: 'redact', in: ['user_id'] },
        { detect: 'email', action: 'redact' },
      ],
    },
  ],
])('is the same for the same policy %s', (_, other) => {
  expect(policyName(other)).toBe(policyName(policy));
});

it.each<[string, PersonalDataPolicy]>([
  ['another name', { ...policy, fields: [{ name: 'pass', action: 'refuse' }] }],
  ['fewer fields', { ...policy, fields: policy.fields?.slice(1) }],
  ['another action', { ...policy, fields: policy.fields?.map(({ name }) => ({ name, action: 'redact' })) }],
  ['another place', { ...policy, detectors: [{ detect: 'email', action: 'redact' }] }],
  ['a field named as a detector', { fields: [{ name: 'email', action: 'redact' }] }],
  ['nothing', {}],
])('differs for %s', (_, other) => {
  expect(policyName(other)).not.toBe(policyName(policy));
});
