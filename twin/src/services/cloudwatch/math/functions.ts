// The functions of metric math whose arguments are values. Those that ask for metrics or names are in expression.ts.

import { finite, type Grid, isMissing, type Line, MathNotModelled, missing, type Value } from './line.ts';

type MathFunction = (values: readonly Value[], grid: Grid) => Value;

const secondsPerMinute = 60;

/** Of what is there; missing where nothing is. */
const folds: Readonly<Record<string, (present: readonly number[]) => number>> = {
  SUM: (present) => present.reduce((sum, value) => sum + value, 0),
  AVG: (present) => present.reduce((sum, value) => sum + value, 0) / present.length,
  MIN: (present) => Math.min(...present),
  MAX: (present) => Math.max(...present),
};

const points: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: (value) => finite(Math.log(value)),
  LOG10: (value) => finite(Math.log10(value)),
};

export const functions: Readonly<Record<string, MathFunction>> = {
  ...Object.fromEntries(
    Object.entries(folds).map(([name, fold]) => [name, (values, grid) => folded(name, fold, values, grid)]),
  ),
  ...Object.fromEntries(
    Object.entries(points).map(([name, apply]) => [
      name,
      (values) =>
        ofEachLine(
          name,
          values,
          ({ at }) =>
            (index) =>
              apply(at(index)),
        ),
    ]),
  ),
  PERIOD: (_values, { periodMinutes }) => ({ kind: 'scalar', value: periodMinutes * secondsPerMinute }),
  DATAPOINT_COUNT: (values, { periods }) => ({
    kind: 'scalar',
    value: presentIn(theLine('DATAPOINT_COUNT', values), periods).length,
  }),
  DIFF: (values) =>
    ofEachLine('DIFF', values, ({ at }) => (index) => {
      const before = previous(at, index);
      return before === undefined ? missing : at(index) - before.value;
    }),
  RATE: (values, { periodMinutes }) =>
    ofEachLine('RATE', values, ({ at }) => (index) => {
      const before = previous(at, index);
      if (before === undefined) return missing;
      return (at(index) - before.value) / ((index - before.index) * periodMinutes * secondsPerMinute);
    }),
  RUNNING_SUM: (values) =>
    ofEachLine('RUNNING_SUM', values, ({ at }) => (index) => {
      let sum = 0;
      for (let each = 0; each <= index; each += 1) if (!isMissing(at(each))) sum += at(each);
      return sum;
    }),
  TIME_SERIES: (values) => {
    const [scalar] = values;
    if (scalar?.kind !== 'scalar') throw new MathNotModelled('TIME_SERIES takes a number.');
    return { kind: 'line', line: { label: 'TIME_SERIES', at: () => scalar.value } };
  },
  REMOVE_EMPTY: (values, { periods }) => {
    const [list] = values;
    if (list?.kind !== 'lines') throw new MathNotModelled('REMOVE_EMPTY takes a list of lines.');
    return { kind: 'lines', lines: list.lines.filter((line) => presentIn(line, periods).length > 0) };
  },
};

/** A number in the place of what is missing, or the value before it. */
export function fill(value: Value, how: Value | 'REPEAT'): Value {
  if (how === 'REPEAT')
    return ofEachLine('FILL', [value], ({ at }) => (index) => {
      const now = at(index);
      return isMissing(now) ? (previous(at, index)?.value ?? missing) : now;
    });
  if (how.kind === 'lines') throw new MathNotModelled('FILL takes a number or a line, no list of lines.');
  const substitute = how.kind === 'scalar' ? () => how.value : how.line.at;
  if (value.kind === 'scalar') return value;
  return ofEachLine('FILL', [value], ({ at }) => (index) => {
    const now = at(index);
    return isMissing(now) ? substitute(index) : now;
  });
}

/** A line comes to a number, and several lines to one line. */
function folded(
  name: string,
  fold: (present: readonly number[]) => number,
  values: readonly Value[],
  { periods }: Grid,
): Value {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) throw new MathNotModelled(`${name} takes one argument.`);
  if (value.kind === 'scalar') return value;
  const of = (present: readonly number[]) => (present.length === 0 ? missing : fold(present));
  if (value.kind === 'line') return { kind: 'scalar', value: of(presentIn(value.line, periods)) };
  const { lines } = value;
  return {
    kind: 'line',
    line: {
      label: name,
      at: (index) => of(lines.map(({ at }) => at(index)).filter((point) => !isMissing(point))),
    },
  };
}

function ofEachLine(
  name: string,
  values: readonly Value[],
  change: (line: Line) => (index: number) => number,
): Value {
  const [value] = values;
  const changed = (line: Line): Line => ({ label: line.label, at: change(line) });
  switch (value?.kind) {
    case 'line':
      return { kind: 'line', line: changed(value.line) };
    case 'lines':
      return { kind: 'lines', lines: value.lines.map(changed) };
    case 'scalar':
      return { kind: 'scalar', value: changed({ label: '', at: () => value.value }).at(0) };
    case undefined:
      throw new MathNotModelled(`${name} misses its argument.`);
  }
}

function theLine(name: string, values: readonly Value[]): Line {
  const [value] = values;
  if (value?.kind !== 'line') throw new MathNotModelled(`${name} takes one line.`);
  return value.line;
}

function presentIn({ at }: Line, periods: number): readonly number[] {
  return Array.from({ length: periods }, (_, index) => at(index)).filter((value) => !isMissing(value));
}

function previous(
  at: Line['at'],
  index: number,
): { readonly index: number; readonly value: number } | undefined {
  for (let before = index - 1; before >= 0; before -= 1)
    if (!isMissing(at(before))) return { index: before, value: at(before) };
  return undefined;
}
