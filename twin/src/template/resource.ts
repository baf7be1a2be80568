// One resource of the template under its physical name. Its properties are resolved when they are asked for, so
// that a type the twin does not run costs nothing and cannot fail it; what of them was read is remembered.

import type { Stack, TemplateResource } from './assembly.ts';
import { type Properties, type ReadRecord, recordReads } from './read-record.ts';
import { resolve, type Scope, UnresolvedTemplate } from './resolve.ts';
import { resourceTypes } from './resource-types.ts';

export type Resource = {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** What Ref answers; for most types the name. */
  readonly reference: string;
  readonly name: string;
  readonly properties: Properties;
  attribute(name: string): string;
  /** The folder of a file asset that this resource's stack refers to by its object key. */
  assetFolder(objectKey: string): string;
  /** The paths of the properties that were not read so far. */
  unread(): readonly string[];
};

export function createResource(
  stack: Stack,
  logicalId: string,
  template: TemplateResource,
  scope: Scope,
): Resource {
  const type = resourceTypes[template.Type] ?? {};
  const given = template.Properties ?? {};
  const place = `${stack.name} › ${logicalId}`;
  const readAlone = new Set<string>();
  const readOne = (key: string) => {
    readAlone.add(key);
    return resolve(given[key], scope, `${place} › ${key}`);
  };
  let record: ReadRecord | undefined;
  const resolved = () => {
    record ??= recordReads(resolve(given, scope, place) as Properties);
    return record;
  };
  const resource: Resource = {
    stackName: stack.name,
    logicalId,
    type: template.Type,
    get name() {
      const { nameProperty, generatedName = (name) => name } = type;
      if (nameProperty !== undefined && given[nameProperty] !== undefined)
        return String(readOne(nameProperty));
      return generatedName(`${stack.name}-${logicalId}`, readOne);
    },
    get reference() {
      return type.ref === undefined ? resource.name : type.ref(resource.name, readOne);
    },
    get properties() {
      return resolved().properties;
    },
    attribute: (name) => {
      const value = attributeOf(resource, name);
      if (value === undefined)
        throw new UnresolvedTemplate(place, `${template.Type} has no known attribute ${name}`);
      return value;
    },
    assetFolder: (objectKey) => {
      const folder = stack.assetFolders.get(objectKey);
      if (folder === undefined)
        throw new UnresolvedTemplate(
          place,
          `the asset ${objectKey} is in no asset manifest. Synthesize again.`,
        );
      return folder;
    },
    unread: () => {
      let paths = Object.keys(given);
      try {
        paths = [...resolved().unread()];
      } catch (error) {
        // What cannot be resolved was not read.
        if (!(error instanceof UnresolvedTemplate)) throw error;
      }
      return paths.filter((path) => !readAlone.has(path));
    },
  };
  return resource;
}

export function attributeOf(resource: Resource, name: string): string | undefined {
  return resourceTypes[resource.type]?.attributes?.[name]?.(resource.name);
}
