// The name of a policy, made from what it asks for: two that ask for the same have one name, so that what was read
// under a name never has to be read again.

import { createHash } from 'node:crypto';
import { foldName } from './glob.ts';
import { defaultPlaces, type PersonalDataPolicy } from './personal-data.ts';

const nameLength = 16;

export function policyName({ fields = [], detectors = [] }: PersonalDataPolicy): string {
  const rules = [
    ...fields.map(({ name, action }) => ['field', foldName(name), action]),
    ...detectors.flatMap(({ detect, action, in: places = defaultPlaces }) =>
      places.map((place) => ['detector', detect, action, place]),
    ),
  ];
  const canonical = [...new Set(rules.map((rule) => JSON.stringify(rule)))].toSorted().join('\n');
  return createHash('sha256').update(canonical).digest('base64url').slice(0, nameLength);
}
