// Metric math. jsep reads the grammar; here is what its nodes mean. An expression is compiled once and computed for many
// grids. What is not known here is an error that names it, when it is compiled.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

import jsep from 'jsep';
import { fill, functions } from './functions.ts';
import { finite, type Grid, isMissing, type Line, MathNotModelled, missing, type Value } from './line.ts';

/** What an expression refers to, for one grid. */
export type Scope = {
  readonly grid: Grid;
  readonly value: (id: string) => Value;
  /** The metrics whose ids contain the text; no expressions. */
  readonly metrics: (text: string) => readonly Line[];
  readonly search: (search: string, statistic: string) => readonly Line[];
};

export type Compiled = (scope: Scope) => Value;

/** What is known before it is computed: the ids that it names, and the period of its searches. */
export type Expression = {
  readonly compute: Compiled;
  readonly ids: ReadonlySet<string>;
  readonly usesMetrics: boolean;
  readonly searchPeriods: readonly number[];
};

// Those that are JavaScript's have other meanings or places there.
jsep.addBinaryOp('^', 12, true);
jsep.addBinaryOp('AND', 2);
jsep.addBinaryOp('OR', 1);

const toBit = (is: boolean): number => (is ? 1 : 0);

const operators: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => finite(left / right),
  '^': (left, right) => finite(left ** right),
  '>': (left, right) => toBit(left > right),
  '>=': (left, right) => toBit(left >= right),
  '<': (left, right) => toBit(left < right),
  '<=': (left, right) => toBit(left <= right),
  '==': (left, right) => toBit(left === right),
  '!=': (left, right) => toBit(left !== right),
  '&&': (left, right) => toBit(left !== 0 && right !== 0),
  AND: (left, right) => toBit(left !== 0 && right !== 0),
  '||': (left, right) => toBit(left !== 0 || right !== 0),
  OR: (left, right) => toBit(left !== 0 || right !== 0),
};

export function compileExpression(text: string): Expression {
  const found = { ids: new Set<string>(), usesMetrics: false, searchPeriods: [] as number[] };
  const compute = compile(parse(text), text, found);
  return { compute, ...found };
}

type Found = { readonly ids: Set<string>; usesMetrics: boolean; readonly searchPeriods: number[] };

function parse(text: string): jsep.CoreExpression {
  try {
    return jsep(text) as jsep.CoreExpression;
  } catch (error) {
    throw new MathNotModelled(`The expression ${text} cannot be read: ${(error as Error).message}`);
  }
}

function compile(node: jsep.Expression, text: string, found: Found): Compiled {
  const each = node as jsep.CoreExpression;
  const inner = (child: jsep.Expression) => compile(child, text, found);
  switch (each.type) {
    case 'Literal': {
      const { value } = each;
      if (typeof value !== 'number') break;
      return () => ({ kind: 'scalar', value });
    }
    case 'Identifier':
      found.ids.add(each.name);
      return (scope) => scope.value(each.name);
    case 'UnaryExpression': {
      if (each.operator !== '-' && each.operator !== '+') break;
      const argument = inner(each.argument);
      const sign = each.operator === '-' ? -1 : 1;
      return (scope) => binary((one, other) => one * other, scalar(sign), argument(scope));
    }
    case 'BinaryExpression': {
      const apply = operators[each.operator];
      if (apply === undefined) break;
      const [left, right] = [inner(each.left), inner(each.right)];
      return (scope) => binary(apply, left(scope), right(scope));
    }
    case 'ArrayExpression': {
      const members = each.elements.flatMap((member) => (member === null ? [] : [inner(member)]));
      return (scope) => ({ kind: 'lines', lines: members.flatMap((member) => linesOf(member(scope))) });
    }
    case 'CallExpression':
      return compileCall(each, text, found);
  }
  throw new MathNotModelled(
    `The local twin does not know the ${each.type}${'operator' in each ? ` ${String(each.operator)}` : ''} of the expression ${text}.`,
  );
}

function compileCall(call: jsep.CallExpression, text: string, found: Found): Compiled {
  const name = (call.callee as jsep.Identifier).name;
  const inner = (child: jsep.Expression | undefined) => {
    if (child === undefined)
      throw new MathNotModelled(`${name} misses an argument in the expression ${text}.`);
    return compile(child, text, found);
  };
  const textAt = (index: number) => String((call.arguments[index] as jsep.Literal | undefined)?.value ?? '');
  switch (name) {
    case 'METRICS': {
      const part = textAt(0);
      found.usesMetrics = true;
      return (scope) => ({ kind: 'lines', lines: scope.metrics(part) });
    }
    case 'SEARCH': {
      const [search, statistic, period] = [textAt(0), textAt(1), Number(textAt(2) || 300)];
      found.searchPeriods.push(period);
      return (scope) => ({ kind: 'lines', lines: scope.search(search, statistic) });
    }
    case 'IF': {
      const [condition, then] = [inner(call.arguments[0]), inner(call.arguments[1])];
      const otherwise = call.arguments[2] && inner(call.arguments[2]);
      return (scope) => choose(scope, condition, then, otherwise);
    }
    case 'FILL': {
      const line = inner(call.arguments[0]);
      const how = call.arguments[1];
      if (how?.name === 'REPEAT') return (scope) => fill(line(scope), 'REPEAT');
      if (how?.name === 'LINEAR')
        throw new MathNotModelled(`The local twin does not know FILL with LINEAR (${text}).`);
      const substitute = inner(how);
      return (scope) => fill(line(scope), substitute(scope));
    }
  }
  const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (apply === undefined)
    throw new MathNotModelled(
      `The local twin does not know ${name} of metric math (${text}). Add it to math/functions.ts.`,
    );
  const args = call.arguments.map(inner);
  return (scope) =>
    apply(
      args.map((argument) => argument(scope)),
      scope.grid,
    );
}

function choose(scope: Scope, condition: Compiled, then: Compiled, otherwise: Compiled | undefined): Value {
  const values = [condition(scope), then(scope), otherwise?.(scope) ?? scalar(missing)];
  return pointwise(values, ([is = nothing, one = nothing, other = nothing]) => (index) => {
    const condition = is(index);
    if (isMissing(condition)) return missing;
    return condition !== 0 ? one(index) : other(index);
  });
}

function binary(apply: (left: number, right: number) => number, left: Value, right: Value): Value {
  return pointwise([left, right], ([one = nothing, other = nothing]) => (index) => {
    const [a, b] = [one(index), other(index)];
    // A comparison with what is missing would be false.
    return isMissing(a) || isMissing(b) ? missing : apply(a, b);
  });
}

type At = Line['at'];
const nothing: At = () => missing;
const scalar = (value: number): Value => ({ kind: 'scalar', value });

/** Each line of one with the number or line of the others. Two lists of lines have no pairs. */
function pointwise(values: readonly Value[], combine: (at: readonly At[]) => At): Value {
  const lists = values.filter((value) => value.kind === 'lines');
  if (lists.length > 1)
    throw new MathNotModelled('The local twin computes an operator with at most one list of lines.');
  const [list] = lists;
  const ats = (line: Line | undefined) =>
    values.map((value): At => {
      if (value.kind === 'scalar') return () => value.value;
      return value.kind === 'line' ? value.line.at : (line?.at ?? nothing);
    });
  if (list !== undefined)
    return {
      kind: 'lines',
      lines: list.lines.map((line) => ({ label: line.label, at: combine(ats(line)) })),
    };
  const line = values.find((value) => value.kind === 'line')?.line;
  const at = combine(ats(line));
  return line === undefined ? scalar(at(0)) : { kind: 'line', line: { label: line.label, at } };
}

function linesOf(value: Value): readonly Line[] {
  switch (value.kind) {
    case 'scalar':
      return [{ label: String(value.value), at: () => value.value }];
    case 'line':
      return [value.line];
    case 'lines':
      return value.lines;
  }
}
