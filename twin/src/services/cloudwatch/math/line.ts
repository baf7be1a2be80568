// The values of metric math: a number, a line over the periods of a grid, or several lines. A point without data is NaN,
// so that whatever is computed from it has none either.

/** Equally long periods without a gap; the first has index 0, and the last ends at `endMinute`. */
export type Grid = { readonly endMinute: number; readonly periodMinutes: number; readonly periods: number };

export type Line = { readonly label: string; readonly at: (index: number) => number };

export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'lines'; readonly lines: readonly Line[] };

export class MathNotModelled extends Error {
  override readonly name = 'MathNotModelled';
}

export const missing = Number.NaN;
export const isMissing = Number.isNaN;

/** What CloudWatch would not draw, such as a division by zero, is missing. */
export const finite = (value: number): number => (Number.isFinite(value) ? value : missing);

/** Each point is computed once, however often the expression has the line. */
export function remembered({ label, at }: Line): Line {
  const values: (number | undefined)[] = [];
  return {
    label,
    at: (index) => {
      const known = values[index];
      if (known !== undefined) return known;
      const value = at(index);
      values[index] = value;
      return value;
    },
  };
}
