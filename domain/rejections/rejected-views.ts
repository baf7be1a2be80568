// Two views of a rejected event: a sample that anybody of the account may see, and the whole event, kept so that it can be
// corrected and sent again. Nothing is known of the form of an event that was rejected.

import { type Detector, detectors, everyDetector } from '../personal-data/detectors.ts';
import { compileNames, type NameTest } from '../personal-data/glob.ts';
import { MetadataWalk } from '../personal-data/metadata-walk.ts';
import type { PersonalDataPolicy } from '../personal-data/personal-data.ts';
import { redactText } from '../personal-data/redaction.ts';
import { longest } from './request-rejections.ts';
import { hideBesideNames, isSecretName, secrets } from './secrets.ts';

const sought = [...everyDetector, secrets];

/** A text of ours or the name of a field, as it may be shown. */
export const hideAll = (text: string): string => redactText(text, sought, '*');

export type RejectedViews = {
  /** A part of the event as JSON. Undefined if it cannot be shown within its bound. */
  readonly sample: (event: unknown) => string | undefined;
  /** The whole event, which is nested no deeper than recursion takes. */
  readonly whole: (event: unknown) => unknown;
};

/**
 * The policy is that of the account. Fields that it refuses or redacts are redacted in both views. What its detectors find,
 * wherever it is, is not in the whole event; what any detector finds is not in the sample, nor what looks like a secret.
 */
export function compileRejectedViews(policy: PersonalDataPolicy = {}): RejectedViews {
  const { fields = [], detectors: rules = [] } = policy;
  const names = fields.map(({ name }) => name);
  const named = [...new Set(rules.map(({ detect }) => detect))].map((name) => detectors[name]);
  const isNamed = compileNames(names);
  const redactSample = redactor((name) => isNamed(name) || isSecretName(name), sought);
  const hidden = (event: unknown) => redactSample(hideBesideNames(within(event, searched)));
  return {
    sample: (event) => (event === undefined ? undefined : sampleOf(hidden(event))),
    whole: redactor(isNamed, [...named, secrets]),
  };
}

function redactor(redactsName: NameTest, redact: readonly Detector[]): (value: unknown) => unknown {
  const walk = new MetadataWalk({
    refusesName: () => false,
    redactsName,
    detectors: { refuse: [], redact },
  });
  // Under a name that no policy is about, because a value by itself has none.
  return (value) => Object.values(walk.apply({ '': value }))[0];
}

function sampleOf(redacted: unknown): string | undefined {
  for (const sizes of [searched, ...smaller]) {
    const json = JSON.stringify(within(redacted, sizes));
    if (json.length <= longest.event) return json;
  }
  return undefined;
}

/** `isSafe`: it was redacted, so that a part of a text may be shown. */
type Sizes = {
  readonly fields: number;
  readonly items: number;
  readonly levels: number;
  readonly characters: number;
  readonly isSafe: boolean;
};
const searched: Sizes = { fields: 24, items: 8, levels: 6, characters: 256, isSafe: false };
const smaller: readonly Sizes[] = [
  { fields: 16, items: 3, levels: 4, characters: 64, isSafe: true },
  { fields: 10, items: 1, levels: 2, characters: 24, isSafe: true },
];

function within(value: unknown, sizes: Sizes): unknown {
  if (typeof value === 'string') return textWithin(value, sizes);
  if (typeof value !== 'object' || value === null) return value;
  if (sizes.levels === 0) return '…';
  const deeper = { ...sizes, levels: sizes.levels - 1 };
  if (Array.isArray(value)) return value.slice(0, sizes.items).map((item) => within(item, deeper));
  const names = Object.keys(value).slice(0, sizes.fields);
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [textWithin(name, sizes), within(fields[name], deeper)]));
}

function textWithin(text: string, { characters, isSafe }: Sizes): string {
  if (text.length <= characters) return text;
  return isSafe ? `${text.slice(0, characters).toWellFormed()}…` : `(text of ${text.length} characters)`;
}
