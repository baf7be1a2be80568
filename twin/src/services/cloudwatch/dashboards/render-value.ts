/** With three digits at most, and thousands as k. A share near 100 keeps what is missing of it. */
export function renderValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${rounded(value / 1e9)}G`;
  if (size >= 1e6) return `${rounded(value / 1e6)}M`;
  if (size >= 10_000) return `${rounded(value / 1e3)}k`;
  if (size >= 1000) return String(Math.round(value));
  // Cut off, because 99.9996 is not 100.
  return size >= 99 && size < 100 ? String(Math.trunc(value * 1000) / 1000) : rounded(value);
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
