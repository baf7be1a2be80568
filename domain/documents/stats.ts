// How many events, and of those that carry a value: how many, their sum, the least and the greatest, in millionths. Adding
// is exact, so its order and grouping do not matter.

import { scaledOf } from '../event/value.ts';

export type Stats = { readonly count: number; readonly values?: ValueStats };

export type ValueStats = {
  readonly count: number;
  readonly sum: bigint;
  readonly least: bigint;
  readonly greatest: bigint;
};

export const noStats: Stats = { count: 0 };
const oneEvent: Stats = { count: 1 };

/** Of one event. */
export function statsOf(value: number | undefined): Stats {
  if (value === undefined) return oneEvent;
  const scaled = scaledOf(value);
  return { count: 1, values: { count: 1, sum: scaled, least: scaled, greatest: scaled } };
}

export function addStats(a: Stats, b: Stats): Stats {
  return statsOfValues(a.count + b.count, addValues(a.values, b.values));
}

export const statsOfValues = (count: number, values: ValueStats | undefined): Stats =>
  values ? { count, values } : { count };

export function addValues(a: ValueStats | undefined, b: ValueStats | undefined): ValueStats | undefined {
  if (!a || !b) return a ?? b;
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    least: a.least < b.least ? a.least : b.least,
    greatest: a.greatest > b.greatest ? a.greatest : b.greatest,
  };
}

/** The count, or a text of five numbers in base 36 if an event carries a value: short at its longest. */
export type StatsWire = number | string;

const base = 36;

export function statsToWire({ count, values }: Stats): StatsWire {
  if (!values) return count;
  const numbers = [count, values.count, values.sum, values.least, values.greatest];
  return numbers.map((number) => number.toString(base)).join(' ');
}

export function statsFromWire(wire: StatsWire): Stats {
  if (typeof wire === 'number') return { count: wire };
  const [count = '0', valueCount = '0', sum = '0', least = '0', greatest = '0'] = wire.split(' ');
  return {
    count: Number.parseInt(count, base),
    values: {
      count: Number.parseInt(valueCount, base),
      sum: toBigInt(sum),
      least: toBigInt(least),
      greatest: toBigInt(greatest),
    },
  };
}

function toBigInt(text: string): bigint {
  const number = Number.parseInt(text, base);
  if (Number.isSafeInteger(number)) return BigInt(number);
  const digits = text.startsWith('-') ? text.slice(1) : text;
  let size = 0n;
  for (const digit of digits) size = size * BigInt(base) + BigInt(Number.parseInt(digit, base));
  return digits === text ? size : -size;
}
