// Walks over the metadata of an event, every field at any depth, arrays included. It copies only the objects in which
// it changes something, and never modifies its input.

import type { Metadata } from '../event/metadata.ts';
import { foldName, type NameTest } from './glob.ts';
import { applyToNumber, applyToText, type PlaceDetectors, refused } from './place-detectors.ts';
import { FreeNames, redacted } from './redaction.ts';
import type { Path } from './refusal-path.ts';

export type MetadataRules = {
  readonly refusesName: NameTest;
  readonly redactsName: NameTest;
  readonly detectors: PlaceDetectors;
};

/** A cache of harmless names, because the events of an account have the same few names. */
const maxKnownNames = 1000;
const maxKnownNameLength = 64;

type NameResult = { readonly name: string; readonly redactsValue: boolean };
type Change = { readonly name: string; readonly value: unknown };

export class MetadataWalk {
  readonly #rules: MetadataRules;
  readonly #harmlessNames = new Set<string>();
  readonly #path: (string | number)[] = [];

  constructor(rules: MetadataRules) {
    this.#rules = rules;
  }

  /** The same object if nothing was found. */
  apply(metadata: Metadata): Metadata | typeof refused {
    this.#path.length = 0;
    return this.#applyToObject(metadata);
  }

  /** After a refusal: the path within the metadata that was refused. */
  get path(): Path {
    return this.#path;
  }

  #applyToValue(value: unknown): unknown {
    if (typeof value === 'string') return applyToText(value, this.#rules.detectors);
    if (typeof value === 'number') return applyToNumber(value, this.#rules.detectors);
    if (typeof value !== 'object' || value === null) return value;
    return Array.isArray(value) ? this.#applyToArray(value) : this.#applyToObject(value as Metadata);
  }

  #applyToArray(values: readonly unknown[]): readonly unknown[] | typeof refused {
    let changed: unknown[] | undefined;
    for (let index = 0; index < values.length; index += 1) {
      this.#path.push(index);
      const kept = this.#applyToValue(values[index]);
      if (kept === refused) return refused;
      this.#path.pop();
      if (kept === values[index]) continue;
      changed ??= [...values];
      changed[index] = kept;
    }
    return changed ?? values;
  }

  #applyToObject(object: Metadata): Metadata | typeof refused {
    let changes: Map<string, Change> | undefined;
    for (const name of Object.keys(object)) {
      this.#path.push(name);
      const ofName = this.#applyToName(name);
      if (ofName === refused) return refused;
      // Searched even if the whole value is redacted, because refusing wins over redacting.
      const kept = this.#applyToValue(object[name]);
      if (kept === refused) return refused;
      this.#path.pop();
      const keptName = ofName?.name ?? name;
      const value = ofName?.redactsValue ? redacted : kept;
      if (keptName === name && value === object[name]) continue;
      changes ??= new Map();
      changes.set(name, { name: keptName, value });
    }
    return changes ? this.#withChanges(object, changes) : object;
  }

  /** Object.fromEntries defines properties and does not assign them, so a field `__proto__` stays a field. */
  #withChanges(object: Metadata, changes: ReadonlyMap<string, Change>): Metadata {
    const { refuse, redact } = this.#rules.detectors;
    const freeNames = new FreeNames(Object.keys(object), [...refuse, ...redact]);
    return Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        const change = changes.get(name) ?? { name, value };
        return [change.name === name ? name : freeNames.take(change.name), change.value];
      }),
    );
  }

  /** Undefined if the name is known to be harmless and no rule redacts its value. */
  #applyToName(name: string): NameResult | typeof refused | undefined {
    if (this.#harmlessNames.has(name)) return undefined;
    const { refusesName, redactsName, detectors } = this.#rules;
    const folded = foldName(name);
    if (refusesName(folded)) return refused;
    const kept = applyToText(name, detectors);
    if (kept === refused) return refused;
    const redactsValue = redactsName(folded);
    if (kept === name && !redactsValue) this.#remember(name);
    return { name: kept, redactsValue };
  }

  #remember(name: string): void {
    if (name.length > maxKnownNameLength) return;
    if (this.#harmlessNames.size >= maxKnownNames) this.#harmlessNames.clear();
    this.#harmlessNames.add(name);
  }
}
