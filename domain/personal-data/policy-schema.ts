// Reads a policy as an operator wrote it, and says of each fault where it is and what would be right. Apart from what
// applies policies, so that the function that takes events in does not carry it.

import * as z from 'zod/mini';
import { type DetectorName, detectors } from './detectors.ts';
import { type PersonalDataPolicy, policyPlaces } from './personal-data.ts';

const maxFields = 100;
const maxDetectors = 20;
const maxNameLength = 128;

export class InvalidPolicy extends Error {
  override readonly name = 'InvalidPolicy';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

const detectorNames = Object.keys(detectors) as DetectorName[];
const oneOf = (names: readonly string[]) => names.map((name) => `"${name}"`).join(' or ');
const nameFault = `must be the name of a field: 1-${maxNameLength} characters, with * for any run of them`;

const action = z.enum(['refuse', 'redact'], { error: 'must be "refuse" or "redact"' });
const place = z.enum(policyPlaces, { error: `must be ${oneOf(policyPlaces)}` });

const field = z.strictObject(
  {
    name: z.string(nameFault).check(z.minLength(1, nameFault), z.maxLength(maxNameLength, nameFault)),
    action,
  },
  { error: 'must be an object such as {"name": "password", "action": "refuse"}' },
);

const detector = z.strictObject(
  {
    detect: z.enum(detectorNames, { error: `must be ${oneOf(detectorNames)}` }),
    action,
    in: z.optional(
      z
        .array(place, { error: 'must be a list' })
        .check(
          z.minLength(1, 'must name a place, or be left out for metadata'),
          z.maxLength(policyPlaces.length, 'must name each place once'),
        ),
    ),
  },
  { error: 'must be an object such as {"detect": "email", "action": "redact", "in": ["metadata"]}' },
);

const policy: z.ZodMiniType<PersonalDataPolicy> = z
  .strictObject(
    {
      fields: z.optional(
        z
          .array(field, { error: 'must be a list' })
          .check(z.maxLength(maxFields, `must hold at most ${maxFields}; * in a name stands for many`)),
      ),
      detectors: z.optional(
        z
          .array(detector, { error: 'must be a list' })
          .check(z.maxLength(maxDetectors, `must hold at most ${maxDetectors}`)),
      ),
    },
    { error: 'must be an object such as {"fields": [...], "detectors": [...]}' },
  )
  .check(
    z.refine(({ fields = [], detectors = [] }) => fields.length + detectors.length > 0, {
      error: 'must have a rule in "fields" or "detectors"; to end a policy, clear it',
    }),
  );

/** Throws `InvalidPolicy`. */
export function readPolicy(candidate: unknown): PersonalDataPolicy {
  const read = policy.safeParse(candidate);
  if (read.success) return read.data;
  throw new InvalidPolicy(read.error.issues.map(describe));
}

function describe(issue: z.core.$ZodIssue): string {
  const place = issue.path.reduce<string>(
    (path, step) => (typeof step === 'number' ? `${path}[${step}]` : `${path}.${String(step)}`),
    'policy',
  );
  const unknown = issue.code === 'unrecognized_keys' ? `, without ${oneOf(issue.keys.map(shorten))}` : '';
  return `${place} ${issue.message}${unknown}`;
}

const maxToldLength = 64;
const shorten = (name: string): string => name.slice(0, maxToldLength);
