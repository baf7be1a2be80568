// The name of a policy is a digest of its rules. Two policies with the same rules have the same name, and a policy
// never changes under its name, so that a policy once read can be cached for good.

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
