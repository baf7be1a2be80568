// Two views of a rejected event: a sample that anybody of the account may see, and the whole event, kept so that it can be
// corrected and sent again. Nothing is known of the form of an event that was rejected.

import { type Detector, detectors, everyDetector } from '../personal-data/detectors.ts';
import { compileNames } from '../personal-data/glob.ts';
import { MetadataWalk } from '../personal-data/metadata-walk.ts';
import type { PersonalDataPolicy } from '../personal-data/personal-data.ts';
import { redactText } from '../personal-data/redaction.ts';
import { longest } from './request-rejections.ts';

/** Fields that hold secrets by their name, whatever the policy of the account says. */
const secretNames = [
  ...['*password*', '*passwd*', '*secret*', '*token*', '*credential*', 'authorization', 'cookie'],
  ...['*api_key*', '*apikey*', '*api-key*', '*private_key*'],
];

/** API keys of Weir, and JSON Web Tokens. No repetition is nested. */
const secretPattern =
  /weir_[a-z][a-z0-9-]{0,31}_[a-z0-9][a-z0-9-]{0,62}_[0-9a-f]{12}_[0-9A-Za-z]+|eyJ[\w-]{0,999}\.[\w-]+(?:\.[\w-]*)?/g;
const secrets: Detector = {
  find: (text) =>
    [...text.matchAll(secretPattern)].map(({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    })),
};
const sought = [...everyDetector, secrets];

/** A text of ours or the name of a field, as it may be shown. */
export const hideAll = (text: string): string => redactText(text, sought, '*');

export type RejectedViews = {
  /** A part of the event as JSON. Undefined if it cannot be shown within its bound. */
  readonly sample: (event: unknown) => string | undefined;
  /** The whole event. Undefined if it is nested too deeply. */
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
  const redactSample = redactor([...names, ...secretNames], sought);
  const redactWhole = redactor(names, [...named, secrets]);
  return {
    sample: (event) => (event === undefined ? undefined : sampleOf(redactSample(within(event, searched)))),
    whole: (event) => (isWithin(event, mostLevels) ? redactWhole(event) : undefined),
  };
}

function redactor(names: readonly string[], redact: readonly Detector[]): (value: unknown) => unknown {
  const walk = new MetadataWalk({
    refusesName: () => false,
    redactsName: compileNames(names),
    detectors: { refuse: [], redact },
  });
  // Under a name that no policy is about, because a value by itself has none.
  return (value) => Object.values(walk.apply({ '': value }))[0];
}

/** More than an event can have. What recursion takes is bounded by it. */
const mostLevels = 32;

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1));
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
