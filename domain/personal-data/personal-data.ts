// What an account does not want to be stored, and what happens to an event that brings it. Pure, and cheap where there
// is nothing to find: one walk over the event, and the same object comes back.

import type { AcceptedEvent } from '../event/event.ts';
import { type DetectorName, detectors } from './detectors.ts';
import { compileNames } from './glob.ts';
import { MetadataWalk } from './metadata-walk.ts';
import { applyToText, type PlaceDetectors, refused } from './place-detectors.ts';
import { formatPath } from './refusal-path.ts';

/** Refuse the event, or store it without what was found. Where rules differ, refusing wins. */
export type PolicyAction = 'refuse' | 'redact';

export const policyPlaces = ['metadata', 'user_id', 'service'] as const;
export type PolicyPlace = (typeof policyPlaces)[number];
export const defaultPlaces: readonly PolicyPlace[] = ['metadata'];

/** A field of metadata at any depth, whatever its case; `*` in the name is any run of characters. */
export type FieldRule = { readonly name: string; readonly action: PolicyAction };

export type DetectorRule = {
  readonly detect: DetectorName;
  readonly action: PolicyAction;
  /** `defaultPlaces` where it is absent. */
  readonly in?: readonly PolicyPlace[];
};

export type PersonalDataPolicy = {
  readonly fields?: readonly FieldRule[];
  readonly detectors?: readonly DetectorRule[];
};

export type PolicyOutcome =
  /** The very event that was given, where nothing was found in it. */
  | { readonly ok: true; readonly event: AcceptedEvent }
  /** `field` is a path such as `metadata.user.password`, in which `*` stands for a name that is personal data. */
  | { readonly ok: false; readonly field: string };

export type AppliedPolicy = (event: AcceptedEvent) => PolicyOutcome;

/** To be kept for the events of the account: it is made for many, and it learns their names. */
export function compilePolicy({ fields = [], detectors: rules = [] }: PersonalDataPolicy): AppliedPolicy {
  const namesTo = (action: PolicyAction) =>
    compileNames(fields.filter((field) => field.action === action).map(({ name }) => name));
  const metadataWalk = new MetadataWalk({
    refusesName: namesTo('refuse'),
    redactsName: namesTo('redact'),
    watch: watchOf('metadata', rules),
  });
  const userIdWatch = watchOf('user_id', rules);
  const serviceWatch = watchOf('service', rules);
  return (event) => {
    const metadata = event.metadata && metadataWalk.keep(event.metadata);
    if (metadata === refused) return { ok: false, field: formatPath(metadataWalk.path) };
    const user_id = event.user_id && applyToText(event.user_id, userIdWatch);
    if (user_id === refused) return { ok: false, field: 'user_id' };
    const service = event.service && applyToText(event.service, serviceWatch);
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

function watchOf(place: PolicyPlace, rules: readonly DetectorRule[]): PlaceDetectors {
  const soughtTo = (action: PolicyAction) => {
    const names = rules
      .filter((rule) => rule.action === action && (rule.in ?? defaultPlaces).includes(place))
      .map(({ detect }) => detect);
    return [...new Set(names)].map((name) => detectors[name]);
  };
  return { refuse: soughtTo('refuse'), redact: soughtTo('redact') };
}
