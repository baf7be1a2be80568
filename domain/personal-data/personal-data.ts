// Policies on personal data: what an account does not want to be stored, and how a policy is applied to an event.
// Applying one is a pure function, and cheap if nothing is found: one walk over the event, which returns the same
// object.

import type { AcceptedEvent } from '../event/event.ts';
import { type DetectorName, detectors } from './detectors.ts';
import { compileNames } from './glob.ts';
import { MetadataWalk } from './metadata-walk.ts';
import { applyToText, type PlaceDetectors, refused } from './place-detectors.ts';
import { formatPath } from './refusal-path.ts';

/** Refuse the event, or store it without the personal data. If both apply, refusing wins. */
export type PolicyAction = 'refuse' | 'redact';

export const policyPlaces = ['metadata', 'user_id', 'service'] as const;
export type PolicyPlace = (typeof policyPlaces)[number];
export const defaultPlaces: readonly PolicyPlace[] = ['metadata'];

/** A metadata field at any depth, without regard to case. `*` in the name stands for any run of characters. */
export type FieldRule = { readonly name: string; readonly action: PolicyAction };

export type DetectorRule = {
  readonly detect: DetectorName;
  readonly action: PolicyAction;
  /** `defaultPlaces` if absent. */
  readonly in?: readonly PolicyPlace[];
};

export type PersonalDataPolicy = {
  readonly fields?: readonly FieldRule[];
  readonly detectors?: readonly DetectorRule[];
};

export type PolicyOutcome =
  /** The same object if nothing was found. */
  | { readonly ok: true; readonly event: AcceptedEvent }
  /** `field` is a path such as `metadata.user.password`. `*` in it hides a name that is personal data itself. */
  | { readonly ok: false; readonly field: string };

export type AppliedPolicy = (event: AcceptedEvent) => PolicyOutcome;

/** Compile a policy once and apply it to all events of the account: it caches the names that it has seen. */
export function compilePolicy({ fields = [], detectors: rules = [] }: PersonalDataPolicy): AppliedPolicy {
  const namesTo = (action: PolicyAction) =>
    compileNames(fields.filter((field) => field.action === action).map(({ name }) => name));
  const metadataWalk = new MetadataWalk({
    refusesName: namesTo('refuse'),
    redactsName: namesTo('redact'),
    detectors: detectorsOf('metadata', rules),
  });
  const userIdDetectors = detectorsOf('user_id', rules);
  const serviceDetectors = detectorsOf('service', rules);
  return (event) => {
    const metadata = event.metadata && metadataWalk.apply(event.metadata);
    if (metadata === refused) return { ok: false, field: formatPath(metadataWalk.path) };
    const user_id = event.user_id && applyToText(event.user_id, userIdDetectors);
    if (user_id === refused) return { ok: false, field: 'user_id' };
    const service = event.service && applyToText(event.service, serviceDetectors);
    if (service === refused) return { ok: false, field: 'service' };
    if (metadata === event.metadata && user_id === event.user_id && service === event.service) {
      return { ok: true, event };
    }
    return {
      ok: true,
      event: {
        ...event,
        ...(user_id && { user_id }),
        ...(service && { service }),
        ...(metadata && { metadata }),
      },
    };
  };
}

function detectorsOf(place: PolicyPlace, rules: readonly DetectorRule[]): PlaceDetectors {
  const detectorsTo = (action: PolicyAction) => {
    const names = rules
      .filter((rule) => rule.action === action && (rule.in ?? defaultPlaces).includes(place))
      .map(({ detect }) => detect);
    return [...new Set(names)].map((name) => detectors[name]);
  };
  return { refuse: detectorsTo('refuse'), redact: detectorsTo('redact') };
}
