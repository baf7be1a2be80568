// Whether an event matches a pattern, for EventBridge's rules and the filter policies of topics, which share the language.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

import { isJsonRecord } from './json-record.ts';

export type EventTest = (event: unknown) => boolean;

export class PatternNotModelled extends Error {
  override readonly name = 'PatternNotModelled';
}

/** Throws PatternNotModelled for what it would judge wrongly. */
export function compilePattern(pattern: unknown): EventTest {
  if (Array.isArray(pattern)) return anyOf(pattern.map(compileCondition));
  if (!isJsonRecord(pattern))
    throw new PatternNotModelled(`${JSON.stringify(pattern)} is neither a list nor an object of lists`);
  const tests = Object.entries(pattern).map(([name, inner]) => {
    if (name.startsWith('$')) throw new PatternNotModelled(`${name} is not modelled`);
    return { name, test: compilePattern(inner) };
  });
  return (event) =>
    tests.every(({ name, test }) =>
      test(isJsonRecord(event) && Object.hasOwn(event, name) ? event[name] : undefined),
    );
}

function compileCondition(condition: unknown): EventTest {
  if (!isJsonRecord(condition)) return ofAnyElement((value) => value === condition);
  const [[operator = '', operand] = [], ...others] = Object.entries(condition);
  const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  const test = others.length === 0 ? compile?.(operand) : undefined;
  if (test === undefined) throw new PatternNotModelled(`${JSON.stringify(condition)} is not modelled`);
  return test;
}

type Operator = (operand: unknown) => EventTest | undefined;

/** Each answers undefined for an operand that it does not know. */
const operators: Readonly<Record<string, Operator>> = {
  prefix: (operand) => ofText(operand, (value, start) => value.startsWith(start)),
  suffix: (operand) => ofText(operand, (value, end) => value.endsWith(end)),
  'equals-ignore-case': (operand) =>
    ofText(operand, (value, other) => value.toLowerCase() === other.toLowerCase()),
  exists: (operand) =>
    typeof operand === 'boolean' ? (value) => (value !== undefined) === operand : undefined,
  'anything-but': (operand) => {
    const excluded = isJsonRecord(operand)
      ? compileCondition(operand)
      : anyOf([operand].flat().map(compileCondition));
    return ofAnyElement((value) => value !== undefined && !excluded(value));
  },
  numeric: (operand) => {
    const comparisons = Array.isArray(operand) ? compileComparisons(operand) : undefined;
    return (
      comparisons &&
      ofAnyElement((value) => typeof value === 'number' && comparisons.every((holds) => holds(value)))
    );
  },
};

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** Takes a list such as `['>', 0, '<=', 5]`. */
function compileComparisons(list: readonly unknown[]): readonly ((value: number) => boolean)[] | undefined {
  if (list.length === 0 || list.length % 2 === 1) return undefined;
  const pairs = list.flatMap((sign, index) => (index % 2 === 0 ? [[sign, list[index + 1]]] : []));
  const tests = pairs.flatMap(([sign, bound]) => {
    const compare = comparisons[String(sign)];
    return compare === undefined || typeof bound !== 'number'
      ? []
      : [(value: number) => compare(value, bound)];
  });
  return tests.length === pairs.length ? tests : undefined;
}

function ofText(operand: unknown, holds: (value: string, operand: string) => boolean): EventTest | undefined {
  if (typeof operand !== 'string') return undefined;
  return ofAnyElement((value) => typeof value === 'string' && holds(value, operand));
}

/** A list in the event is of the pattern as soon as one of its values is. */
function ofAnyElement(test: EventTest): EventTest {
  return (value) => (Array.isArray(value) ? value.some(test) : test(value));
}

function anyOf(tests: readonly EventTest[]): EventTest {
  return (value) => tests.some((test) => test(value));
}
