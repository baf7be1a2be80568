// The loaded templates: every resource of every stack, resolved when it is read, and what was not read yet.

import type { Stack } from './assembly.ts';
import { pseudoParameter } from './pseudo-parameters.ts';
import { evaluateCondition, resolve, type Scope } from './resolve.ts';
import { attributeOf, createResource, type Resource } from './resource.ts';
import { resourceTypes } from './resource-types.ts';

export type { Resource } from './resource.ts';

export type StackOutput = { readonly key: string; readonly value: string; readonly exportName?: string };

/** Without a path the resource's type was not asked for; with one, that property of it was not read. */
export type Unread = { readonly resource: Resource; readonly path?: string };

export type Template = {
  readonly stackNames: readonly string[];
  resources(...types: readonly string[]): readonly Resource[];
  /**
   * How logs, counts, pages and fault rules call a function: by default its name. Takes its name or ARN, with or
   * without a version or alias.
   */
  labelOf(functionNameOrArn: string): string;
  /** The type of a resource with this name, where resource-types.ts does not list the type: the name is made up. */
  unknownTypeOf(name: string): string | undefined;
  /** The outputs of a stack, or undefined where there is no such stack. */
  outputs(stackName: string): readonly StackOutput[] | undefined;
  /** What of the template was not read so far. */
  unread(): readonly Unread[];
};

/** The CDK counts its own use by it; nothing is deployed. */
const cdkMetadata = 'AWS::CDK::Metadata';

type StackScope = Scope & { resource(logicalId: string): Resource | undefined };

export function createTemplate(
  stacks: readonly Stack[],
  labelOf: (functionName: string) => string = (functionName) => functionName,
): Template {
  const scopes = new Map<string, StackScope>();
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
  const scopeOf = (stack: Stack): StackScope => {
    const scope = scopes.get(stack.name) ?? createScope(stack, importValue);
    scopes.set(stack.name, scope);
    return scope;
  };
  const exists = (stack: Stack, condition: string | undefined) =>
    condition === undefined || scopeOf(stack).condition(condition) === true;

  const resources = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([, { Type, Condition }]) => Type !== cdkMetadata && exists(stack, Condition))
      .flatMap(([logicalId]) => scopeOf(stack).resource(logicalId) ?? []),
  );
  const typesAskedFor = new Set<string>();
  return {
    stackNames: stacks.map(({ name }) => name),
    labelOf: (nameOrArn) => labelOf(functionNameOf(nameOrArn)),
    resources: (...types) => {
      for (const type of types) typesAskedFor.add(type);
      return resources.filter(({ type }) => types.includes(type));
    },
    unknownTypeOf: (name) =>
      resources.find((each) => !Object.hasOwn(resourceTypes, each.type) && each.name === name)?.type,
    unread: () =>
      resources.flatMap((resource): readonly Unread[] =>
        typesAskedFor.has(resource.type)
          ? resource.unread().map((path) => ({ resource, path }))
          : [{ resource }],
      ),
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

function createScope(stack: Stack, importValue: Scope['importValue']): StackScope {
  const { Parameters = {}, Mappings = {}, Conditions = {}, Resources } = stack.template;
  const found = new Map<string, Resource>();
  const find = (logicalId: string): Resource | undefined => {
    const template = Resources[logicalId];
    if (template === undefined) return undefined;
    const resource = found.get(logicalId) ?? createResource(stack, logicalId, template, scope);
    found.set(logicalId, resource);
    return resource;
  };
  const scope: StackScope = {
    resource: find,
    reference: (name) =>
      pseudoParameter(name, stack.name) ?? Parameters[name]?.Default ?? find(name)?.reference,
    attribute: (logicalId, name) => {
      const resource = find(logicalId);
      return resource && attributeOf(resource, name);
    },
    typeOf: (logicalId) => Resources[logicalId]?.Type,
    importValue,
    mapping: (map, first, second) => Mappings[map]?.[first]?.[second],
    condition: (name) =>
      name in Conditions
        ? evaluateCondition(Conditions[name], scope, `${stack.name} › Conditions.${name}`)
        : undefined,
  };
  return scope;
}

/** The name in an ARN, or in `name:alias`. */
export function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  return (nameOrArn.startsWith('arn:') ? parts[6] : parts[0]) ?? nameOrArn;
}

/** The version or alias that an ARN, or `name:alias`, ends with. */
export function qualifierOf(nameOrArn: string): string | undefined {
  return nameOrArn.split(':')[nameOrArn.startsWith('arn:') ? 7 : 1];
}

/** The function's ARN with the version or alias of the name that it was found by. */
export function qualifiedArn(functionArn: string, nameOrArn: string): string {
  const qualifier = qualifierOf(nameOrArn);
  return qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
}
