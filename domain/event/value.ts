// The value of an event, such as a price: a number that is summed. Sums must not depend on the order of adding, so values
// are added as integers of millionths. A value that cannot be kept as it was sent is no value.

export const maxValue = 1e12;
const decimals = 6;
const scale = 10 ** decimals;

/** Below this, a value times the scale is off by less than a half, so that rounding gives the exact integer. */
const maxRoundedScaled = 2 ** 51;

export const valueError = `must be a number below 10^12 in size, with at most ${decimals} decimals and 15 digits in all`;

/** The parser makes infinity of a number that a double does not hold as it was sent. */
export function isValue(value: unknown): value is number {
  if (typeof value !== 'number' || !(Math.abs(value) < maxValue)) return false;
  const scaled = Math.round(value * scale);
  if (Math.abs(scaled) < maxRoundedScaled) return scaled / scale === value;
  return fractionOf(value).length <= decimals;
}

/** In millionths, exactly. */
export function scaledOf(value: number): bigint {
  const scaled = Math.round(value * scale);
  if (Math.abs(scaled) < maxRoundedScaled) return BigInt(scaled);
  return BigInt(`${Math.trunc(value)}${fractionOf(value).padEnd(decimals, '0')}`);
}

/** Digits of the shortest text of a double. Only for values so large that the text has no exponent. */
const fractionOf = (value: number): string => String(value).split('.')[1] ?? '';

/** The decimal number of so many millionths, as a text: a sum can have more digits than a double holds. */
export function decimalOf(scaled: bigint): string {
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -decimals)}${fraction && `.${fraction}`}`;
}
