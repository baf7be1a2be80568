// What a sample shows of a rejected event: a small part of it, without personal data and without secrets. An event that
// was refused can be anything, so nothing is assumed of its form. What is too long to be searched is not shown at all.

import { type Detector, everyDetector } from '../personal-data/detectors.ts';
import { compileNames } from '../personal-data/glob.ts';
import { MetadataWalk } from '../personal-data/metadata-walk.ts';
import type { PersonalDataPolicy } from '../personal-data/personal-data.ts';
import { redactText } from '../personal-data/redaction.ts';
import { longest } from './request-rejections.ts';

/** Fields that hold secrets by their name, whatever the policy of the account says. */
const secretNames = [
  '*password*',
  '*passwd*',
  '*secret*',
  '*token*',
  '*credential*',
  'authorization',
  'cookie',
];
const moreSecretNames = ['*api_key*', '*apikey*', '*api-key*', '*private_key*'];

/** API keys of Weir, and JSON Web Tokens. The text is short, and no repetition is nested. */
const secretPattern =
  /weir_[a-z][a-z0-9-]*_[a-z0-9][a-z0-9-]*_[0-9a-f]{12}_[0-9A-Za-z]+|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g;
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

/** The event as JSON. Undefined if it cannot be shown within its bound. */
export type ShowEvent = (event: unknown) => string | undefined;

/** The policy is that of the account: fields that it refuses or redacts are redacted here, and detectors find all that any finds. */
export function compileShowEvent({ fields = [] }: PersonalDataPolicy = {}): ShowEvent {
  const names = fields.map(({ name }) => name);
  const walk = new MetadataWalk({
    refusesName: () => false,
    redactsName: compileNames([...names, ...secretNames, ...moreSecretNames]),
    detectors: { refuse: [], redact: sought },
  });
  return (event) => {
    if (event === undefined) return undefined;
    const kept = walk.apply({ event: within(event, searched) });
    for (const sizes of [searched, ...smaller]) {
      const json = JSON.stringify(within((kept as { readonly event: unknown }).event, sizes));
      if (json.length <= longest.event) return json;
    }
    return undefined;
  };
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
