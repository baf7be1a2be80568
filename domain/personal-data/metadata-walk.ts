// The walk over an event's metadata: every field at any depth, also within arrays. It makes new objects only where
// something is found, and never changes those it was given.

import type { Metadata } from '../event/metadata.ts';
import { foldName, type NameTest } from './glob.ts';
import { applyToNumber, applyToText, type PlaceDetectors, refused } from './place-detectors.ts';
import { FreeNames, redacted } from './redaction.ts';
import type { Path } from './refusal-path.ts';

export type MetadataRules = {
  readonly refusesName: NameTest;
  readonly redactsName: NameTest;
  readonly watch: PlaceDetectors;
};

/** Events of one account have the same few names, so what is known to be harmless is not judged again and again. */
const maxKnownNames = 1000;
const maxKnownNameLength = 64;

type NameFate = { readonly name: string; readonly redactsValue: boolean };
type Change = { readonly name: string; readonly value: unknown };

export class MetadataWalk {
  readonly #rules: MetadataRules;
  readonly #harmlessNames = new Set<string>();
  readonly #path: (string | number)[] = [];

  constructor(rules: MetadataRules) {
    this.#rules = rules;
  }

  /** The same object where nothing was found. */
  keep(metadata: Metadata): Metadata | typeof refused {
    this.#path.length = 0;
    return this.#keepObject(metadata);
  }

  /** After a refusal: where it was, from the metadata on. */
  get path(): Path {
    return this.#path;
  }

  #keepValue(value: unknown): unknown {
    if (typeof value === 'string') return applyToText(value, this.#rules.watch);
    if (typeof value === 'number') return applyToNumber(value, this.#rules.watch);
    if (typeof value !== 'object' || value === null) return value;
    return Array.isArray(value) ? this.#keepArray(value) : this.#keepObject(value as Metadata);
  }

  #keepArray(values: readonly unknown[]): readonly unknown[] | typeof refused {
    let changed: unknown[] | undefined;
    for (let index = 0; index < values.length; index += 1) {
      this.#path.push(index);
      const kept = this.#keepValue(values[index]);
      if (kept === refused) return refused;
      this.#path.pop();
      if (kept === values[index]) continue;
      changed ??= [...values];
      changed[index] = kept;
    }
    return changed ?? values;
  }

  #keepObject(object: Metadata): Metadata | typeof refused {
    let changes: Map<string, Change> | undefined;
    for (const name of Object.keys(object)) {
      this.#path.push(name);
      const fate = this.#fateOf(name);
      if (fate === refused) return refused;
      // Also within what is redacted as a whole: refusing wins.
      const kept = this.#keepValue(object[name]);
      if (kept === refused) return refused;
      this.#path.pop();
      const keptName = fate?.name ?? name;
      const value = fate?.redactsValue ? redacted : kept;
      if (keptName === name && value === object[name]) continue;
      changes ??= new Map();
      changes.set(name, { name: keptName, value });
    }
    return changes ? this.#withChanges(object, changes) : object;
  }

  /** Defines names and does not assign them: `__proto__` is one as any other. */
  #withChanges(object: Metadata, changes: ReadonlyMap<string, Change>): Metadata {
    const { refuse, redact } = this.#rules.watch;
    const freeNames = new FreeNames(Object.keys(object), [...refuse, ...redact]);
    return Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        const change = changes.get(name) ?? { name, value };
        return [change.name === name ? name : freeNames.take(change.name), change.value];
      }),
    );
  }

  /** Undefined where the name is harmless and asks nothing of the value. */
  #fateOf(name: string): NameFate | typeof refused | undefined {
    if (this.#harmlessNames.has(name)) return undefined;
    const { refusesName, redactsName, watch } = this.#rules;
    const folded = foldName(name);
    if (refusesName(folded)) return refused;
    const kept = applyToText(name, watch);
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
