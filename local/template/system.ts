// The deployed system as the twin sees it: every resource of every stack under its physical name, properties
// resolved when they are asked for, so that a type the twin does not run costs nothing and cannot fail it.

import type { Stack, TemplateResource } from './assembly.ts';
import { pseudoParameter } from './pseudo-parameters.ts';
import { evaluateCondition, resolve, type Scope, UnresolvedTemplate } from './resolve.ts';
import { type Properties, resourceTypes } from './resource-types.ts';

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
};

export type StackOutput = { readonly key: string; readonly value: string; readonly exportName?: string };

export type System = {
  readonly stackNames: readonly string[];
  resources(...types: readonly string[]): readonly Resource[];
  /** The outputs of a stack, or undefined where there is no such stack. */
  outputs(stackName: string): readonly StackOutput[] | undefined;
};

export function createSystem(stacks: readonly Stack[]): System {
  const scopes = new Map<string, Scope>();
  const importValue = (exportName: string): unknown => {
    for (const stack of stacks)
      for (const [key, output] of Object.entries(stack.template.Outputs ?? {})) {
        if (output.Export === undefined) continue;
        const place = `${stack.name} › Outputs.${key}`;
        if (resolve(output.Export.Name, scopeOf(stack), place) === exportName)
          return resolve(output.Value, scopeOf(stack), place);
      }
    return undefined;
  };
  const scopeOf = (stack: Stack): Scope => {
    const scope = scopes.get(stack.name) ?? createScope(stack, importValue);
    scopes.set(stack.name, scope);
    return scope;
  };
  const exists = (stack: Stack, condition: string | undefined) =>
    condition === undefined || scopeOf(stack).condition(condition) === true;

  const resources = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([, { Condition }]) => exists(stack, Condition))
      .map(([logicalId, resource]) => createResource(stack, logicalId, resource, scopeOf(stack))),
  );
  return {
    stackNames: stacks.map(({ name }) => name),
    resources: (...types) => resources.filter(({ type }) => types.includes(type)),
    outputs: (stackName) => {
      const stack = stacks.find(({ name }) => name === stackName);
      if (stack === undefined) return undefined;
      const outputs = Object.entries(stack.template.Outputs ?? {});
      return outputs
        .filter(([, { Condition }]) => exists(stack, Condition))
        .map(([key, { Value, Export }]) => {
          const place = `${stackName} › Outputs.${key}`;
          const exportName = Export && String(resolve(Export.Name, scopeOf(stack), place));
          return {
            key,
            value: String(resolve(Value, scopeOf(stack), place)),
            ...(exportName === undefined ? {} : { exportName }),
          };
        });
    },
  };
}

function createScope(stack: Stack, importValue: Scope['importValue']): Scope {
  const { Parameters = {}, Mappings = {}, Conditions = {}, Resources } = stack.template;
  const found = new Map<string, Resource>();
  const find = (logicalId: string): Resource | undefined => {
    const template = Resources[logicalId];
    if (template === undefined) return undefined;
    const resource = found.get(logicalId) ?? createResource(stack, logicalId, template, scope);
    found.set(logicalId, resource);
    return resource;
  };
  const scope: Scope = {
    reference: (name) =>
      pseudoParameter(name, stack.name) ?? Parameters[name]?.Default ?? find(name)?.reference,
    attribute: (logicalId, name) => {
      const resource = find(logicalId);
      return resource && attributeOf(resource, name);
    },
    importValue,
    mapping: (map, first, second) => Mappings[map]?.[first]?.[second],
    condition: (name) =>
      name in Conditions
        ? evaluateCondition(Conditions[name], scope, `${stack.name} › Conditions.${name}`)
        : undefined,
  };
  return scope;
}

function createResource(stack: Stack, logicalId: string, template: TemplateResource, scope: Scope): Resource {
  const type = resourceTypes[template.Type] ?? {};
  const given = template.Properties ?? {};
  const place = `${stack.name} › ${logicalId}`;
  let properties: Properties | undefined;
  const resource: Resource = {
    stackName: stack.name,
    logicalId,
    type: template.Type,
    get name() {
      const { nameProperty } = type;
      if (nameProperty !== undefined && given[nameProperty] !== undefined)
        return String(resolve(given[nameProperty], scope, `${place} › ${nameProperty}`));
      const name = `${stack.name}-${logicalId}`;
      return type.lowerCase ? name.toLowerCase() : name;
    },
    get reference() {
      return type.ref === undefined
        ? resource.name
        : type.ref(resource.name, (key) => resolve(given[key], scope, `${place} › ${key}`));
    },
    get properties() {
      properties ??= resolve(given, scope, place) as Properties;
      return properties;
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
  };
  return resource;
}

function attributeOf(resource: Resource, name: string): string | undefined {
  return resourceTypes[resource.type]?.attributes?.[name]?.(resource.name);
}
