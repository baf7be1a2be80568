import { expect, it } from 'vitest';
import { InvalidPolicy, readPolicy } from '../../../../domain/personal-data/policy-schema.ts';

function faultsOf(candidate: unknown): readonly string[] {
  try {
    readPolicy(candidate);
  } catch (error) {
    if (error instanceof InvalidPolicy) return error.faults;
    throw error;
  }
  return [];
}

const field = { name: 'password', action: 'refuse' };
const detector = { detect: 'email', action: 'redact', in: ['metadata', 'user_id', 'service'] };

it.each([
  [{ fields: [field], detectors: [detector] }],
  [{ fields: [field] }],
  [{ fields: [], detectors: [{ detect: 'card_number', action: 'refuse' }] }],
  [{ fields: Array(100).fill(field), detectors: Array(20).fill(detector) }],
  [{ fields: [{ name: '*'.repeat(128), action: 'redact' }] }],
])('reads %j unchanged', (policy) => {
  expect(readPolicy(policy)).toEqual(policy);
});

it.each([
  [null, ['policy must be an object such as']],
  [[], ['policy must be an object such as']],
  [{}, ['policy must have a rule in "fields" or "detectors"']],
  [{ fields: {} }, ['policy.fields must be a list']],
  [{ fields: ['password'] }, ['policy.fields[0] must be an object such as {"name": "password"']],
  [{ fields: [{ ...field, name: '' }] }, ['policy.fields[0].name must be the name of a field: 1-128']],
  [{ fields: [{ ...field, name: 'x'.repeat(129) }] }, ['policy.fields[0].name must be']],
  [{ fields: [{ ...field, name: 3 }] }, ['policy.fields[0].name must be']],
  [{ fields: [field, { name: 'a' }] }, ['policy.fields[1].action must be "refuse" or "redact"']],
  [{ fields: [{ ...field, Action: 'x' }] }, ['without "Action"']],
  [{ fields: [field], field: [] }, ['without "field"']],
  [JSON.parse('{"fields":[{"name":"a","action":"refuse","__proto__":{}}]}'), ['without "__proto__"']],
  [{ fields: Array(101).fill(field) }, ['policy.fields must hold at most 100']],
  [{ detectors: Array(21).fill(detector) }, ['policy.detectors must hold at most 20']],
  [{ detectors: [{ ...detector, detect: 'mail' }] }, ['detect must be "email" or "card_number"']],
  [{ detectors: [{ ...detector, detect: 'toString' }] }, ['detect must be "email" or "card_number"']],
  [{ detectors: [{ ...detector, in: [] }] }, ['policy.detectors[0].in must name a place']],
  [{ detectors: [{ ...detector, in: ['type'] }] }, ['in[0] must be "metadata" or "user_id" or "service"']],
  [
    { fields: [{ name: '', action: 'drop' }], detectors: 3 },
    ['policy.fields[0].name', 'policy.fields[0].action', 'policy.detectors must be a list'],
  ],
])('names for %j what is wrong and what is valid', (policy, expected) => {
  const faults = faultsOf(policy);

  expect(faults).toHaveLength(expected.length);
  for (const [index, fault] of expected.entries()) expect(faults[index]).toContain(fault);
});
