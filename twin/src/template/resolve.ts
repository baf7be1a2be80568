// Resolves the intrinsic functions of a template value. Pure: what they refer to comes in as a scope. What is
// not known is an error that names the place, because a guess here would be a wrong answer much later.

import { noValue } from './pseudo-parameters.ts';

/** Answers for one stack; each throws nothing and returns undefined where it does not know. */
export type Scope = {
  reference(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  typeOf(logicalId: string): string | undefined;
  importValue(exportName: string): unknown;
  mapping(map: string, first: string, second: string): unknown;
  condition(name: string): boolean | undefined;
};

export class UnresolvedTemplate extends Error {
  override readonly name = 'UnresolvedTemplate';
  constructor(place: string, reason: string) {
    super(`${place}: ${reason}`);
  }
}

type Intrinsic = (argument: unknown, scope: Scope, place: string) => unknown;

export function resolve(value: unknown, scope: Scope, place: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => resolve(item, scope, `${place}[${index}]`));
    return items.filter((item) => item !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [key, argument] = entries[0] ?? [];
  if (entries.length === 1 && key !== undefined) {
    const intrinsic = intrinsics[key];
    if (intrinsic !== undefined) return intrinsic(argument, scope, `${place}.${key}`);
    if (key.startsWith('Fn::'))
      throw new UnresolvedTemplate(
        place,
        `${key} is not modelled. Write the template without it, or model it in src/template/resolve.ts of the twin.`,
      );
  }
  const resolved = entries.map(([name, item]) => [name, resolve(item, scope, `${place}.${name}`)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== noValue));
}

export function evaluateCondition(expression: unknown, scope: Scope, place: string): boolean {
  const [key, argument] = Object.entries((expression ?? {}) as Record<string, unknown>)[0] ?? [];
  const parts = () =>
    list(argument, place).map((part, index) => evaluateCondition(part, scope, `${place}[${index}]`));
  switch (key) {
    case 'Condition':
      return known(scope.condition(String(argument)), place, `there is no condition ${String(argument)}`);
    case 'Fn::Equals': {
      const [left, right] = list(argument, place).map((side) => resolve(side, scope, place));
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case 'Fn::And':
      return parts().every(Boolean);
    case 'Fn::Or':
      return parts().some(Boolean);
    case 'Fn::Not':
      return !parts()[0];
    default:
      throw new UnresolvedTemplate(place, `${key ?? 'an empty object'} is not a condition.`);
  }
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, place) => {
    const name = String(argument);
    if (name === 'AWS::NoValue') return noValue;
    return known(scope.reference(name), place, `there is no resource or parameter ${name}`);
  },
  'Fn::GetAtt': (argument, scope, place) => {
    const [logicalId, ...attribute] = (Array.isArray(argument) ? argument.join('.') : String(argument)).split(
      '.',
    );
    return getAttribute(logicalId ?? '', attribute.join('.'), scope, place);
  },
  'Fn::Join': (argument, scope, place) => {
    const [separator, parts] = list(resolve(argument, scope, place), place);
    return list(parts, place).join(String(separator));
  },
  'Fn::Sub': (argument, scope, place) => {
    const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
    const values = resolve(given, scope, place) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal === '!') return `\${${name}}`;
      return String(values[name] ?? substitute(name, scope, place));
    });
  },
  'Fn::Select': (argument, scope, place) => {
    const [index, items] = list(resolve(argument, scope, place), place);
    return known(list(items, place)[Number(index)], place, `there is no item ${String(index)}`);
  },
  'Fn::Split': (argument, scope, place) => {
    const [separator, text] = list(resolve(argument, scope, place), place);
    return String(text).split(String(separator));
  },
  'Fn::ImportValue': (argument, scope, place) => {
    const name = String(resolve(argument, scope, place));
    return known(scope.importValue(name), place, `no stack exports ${name}`);
  },
  'Fn::If': (argument, scope, place) => {
    const [condition, whenTrue, whenFalse] = list(argument, place);
    const holds = known(
      scope.condition(String(condition)),
      place,
      `there is no condition ${String(condition)}`,
    );
    return resolve(holds ? whenTrue : whenFalse, scope, place);
  },
  'Fn::FindInMap': (argument, scope, place) => {
    const [map, first, second] = list(resolve(argument, scope, place), place).map(String);
    return known(
      scope.mapping(map ?? '', first ?? '', second ?? ''),
      place,
      `there is no ${map}.${first}.${second}`,
    );
  },
};

function substitute(name: string, scope: Scope, place: string): unknown {
  const [logicalId, ...attribute] = name.split('.');
  return attribute.length > 0
    ? getAttribute(logicalId ?? '', attribute.join('.'), scope, place)
    : known(scope.reference(name), place, `there is no resource or parameter ${name}`);
}

function getAttribute(logicalId: string, attribute: string, scope: Scope, place: string): unknown {
  return known(
    scope.attribute(logicalId, attribute),
    place,
    `the attribute ${attribute} of ${logicalId} (${scope.typeOf(logicalId) ?? 'no resource of the stack'}) is not modelled. To model it, see src/template/resource-types.ts of the twin.`,
  );
}

function known<T>(value: T | undefined, place: string, reason: string): T {
  if (value === undefined) throw new UnresolvedTemplate(place, reason);
  return value;
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnresolvedTemplate(place, 'a list was expected');
  return value;
}
