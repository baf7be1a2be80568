// The values of one metric by the minute, and by the hour once they are old. Hours have totals of their own, so that a
// window of days costs as many steps as it has hours.

/** Above the first value, and up to the second one included. */
export type ValueRange = { readonly above: number; readonly upTo: number };

export type Summary = {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
};

/** One value, or many of which only this much is known. */
export type Values = Summary & {
  /** How often each value occurred. Absent: percentiles do not count them, as CloudWatch does not. */
  readonly spread?: ReadonlyMap<number, number>;
};

const minutesPerHour = 60;

/** How often each value occurs, after `roundedUp`. */
type Spread = Map<number, number>;

type Rank = { readonly range: ValueRange; readonly inside: Float64Array };

/** The hour as a whole, and its minutes until it is folded. */
class Hour {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  readonly spread: Spread = new Map();
  minutes: Minutes | undefined = new Minutes();

  add(minute: number, values: Values): void {
    this.count += values.count;
    this.sum += values.sum;
    this.min = Math.min(this.min, values.min);
    this.max = Math.max(this.max, values.max);
    for (const [value, count] of values.spread ?? []) addTo(this.spread, value, count);
    this.minutes?.add(minute, values);
  }

  fold(): void {
    this.minutes = undefined;
  }
}

class Minutes {
  readonly count = new Float64Array(minutesPerHour);
  readonly sum = new Float64Array(minutesPerHour);
  readonly min = new Float64Array(minutesPerHour).fill(Number.POSITIVE_INFINITY);
  readonly max = new Float64Array(minutesPerHour).fill(Number.NEGATIVE_INFINITY);
  readonly spreads: (Spread | undefined)[] = [];
  /** How many values of each minute are in a range that was asked for: windows slide, and would count them again. */
  readonly ranks = new Map<string, Rank>();

  add(minute: number, { count, sum, min, max, spread }: Values): void {
    this.count[minute] = (this.count[minute] as number) + count;
    this.sum[minute] = (this.sum[minute] as number) + sum;
    this.min[minute] = Math.min(this.min[minute] as number, min);
    this.max[minute] = Math.max(this.max[minute] as number, max);
    if (spread === undefined) return;
    this.spreads[minute] ??= new Map();
    for (const [value, times] of spread) {
      addTo(this.spreads[minute] as Spread, value, times);
      for (const { range, inside } of this.ranks.values())
        if (isWithin(value, range)) inside[minute] = (inside[minute] as number) + times;
    }
  }

  inside(range: ValueRange): Float64Array {
    const key = `${range.above}:${range.upTo}`;
    const known = this.ranks.get(key);
    if (known !== undefined) return known.inside;
    const inside = new Float64Array(minutesPerHour);
    for (const [minute, spread] of this.spreads.entries()) inside[minute] = countWithin(spread, range);
    this.ranks.set(key, { range, inside });
    return inside;
  }
}

export class StoredSeries {
  private readonly hours = new Map<number, Hour>();
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;

  /** The hour, where it is a new one. */
  add(minute: number, values: Values): number | undefined {
    const number = Math.floor(minute / minutesPerHour);
    const known = this.hours.get(number);
    const hour = known ?? new Hour();
    if (known === undefined) this.hours.set(number, hour);
    hour.add(minute - number * minutesPerHour, values);
    if (minute < this.first) this.first = minute;
    if (minute > this.last) this.last = minute;
    return known === undefined ? number : undefined;
  }

  /** Its minutes are kept no longer: all of it counts as its first minute. */
  fold(hour: number): void {
    this.hours.get(hour)?.fold();
  }

  drop(hour: number): void {
    this.hours.delete(hour);
  }

  get isEmpty(): boolean {
    return this.hours.size === 0;
  }

  /** False does not say that there are values. */
  isSilent(fromMinute: number, toMinute: number): boolean {
    return toMinute <= this.first || fromMinute > this.last;
  }

  window(fromMinute: number, toMinute: number): Summary {
    let count = 0;
    let sum = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    this.visit(fromMinute, toMinute, (hour, from, to) => {
      const { minutes } = hour;
      if (minutes === undefined || to - from === minutesPerHour) {
        count += hour.count;
        sum += hour.sum;
        min = Math.min(min, hour.min);
        max = Math.max(max, hour.max);
        return;
      }
      for (let minute = from; minute < to; minute += 1) {
        count += minutes.count[minute] as number;
        sum += minutes.sum[minute] as number;
        min = Math.min(min, minutes.min[minute] as number);
        max = Math.max(max, minutes.max[minute] as number);
      }
    });
    return { count, sum, min, max };
  }

  /** Of the values that are known one by one; NaN where none is. */
  within(
    fromMinute: number,
    toMinute: number,
    range: ValueRange,
  ): { readonly inside: number; readonly all: number } {
    let inside = 0;
    let all = 0;
    const everything = { above: Number.NEGATIVE_INFINITY, upTo: Number.POSITIVE_INFINITY };
    this.visit(fromMinute, toMinute, (hour, from, to) => {
      if (hour.minutes === undefined) {
        inside += countWithin(hour.spread, range);
        all += countWithin(hour.spread, everything);
        return;
      }
      const insideOfMinutes = hour.minutes.inside(range);
      const allOfMinutes = hour.minutes.inside(everything);
      for (let minute = from; minute < to; minute += 1) {
        inside += insideOfMinutes[minute] as number;
        all += allOfMinutes[minute] as number;
      }
    });
    return all > 0 ? { inside, all } : { inside: Number.NaN, all: Number.NaN };
  }

  /** By nearest rank. */
  percentile(fromMinute: number, toMinute: number, percent: number): number {
    const spread: Spread = new Map();
    let all = 0;
    const take = (part: Spread | undefined) => {
      for (const [value, count] of part ?? []) {
        addTo(spread, value, count);
        all += count;
      }
    };
    this.visit(fromMinute, toMinute, (hour, from, to) => {
      if (hour.minutes === undefined || to - from === minutesPerHour) take(hour.spread);
      else for (let minute = from; minute < to; minute += 1) take(hour.minutes.spreads[minute]);
    });
    const rank = Math.max(1, Math.ceil((all * percent) / 100));
    let passed = 0;
    for (const [value, count] of [...spread].toSorted(([one], [other]) => one - other)) {
      passed += count;
      if (passed >= rank) return value;
    }
    return Number.NaN;
  }

  /** The hours that the window touches and that have values, with the part of their minutes that it covers. */
  private visit(
    fromMinute: number,
    toMinute: number,
    take: (hour: Hour, from: number, to: number) => void,
  ): void {
    const last = Math.ceil(toMinute / minutesPerHour);
    for (let number = Math.floor(fromMinute / minutesPerHour); number < last; number += 1) {
      const hour = this.hours.get(number);
      if (hour === undefined) continue;
      const start = number * minutesPerHour;
      const from = Math.max(0, fromMinute - start);
      const to = Math.min(minutesPerHour, toMinute - start);
      if (hour.minutes !== undefined || from === 0) take(hour, from, to);
    }
  }
}

/**
 * To three significant digits. It bounds how many different values a minute has, and since it never rounds down, a rank
 * against a limit of three digits is exact.
 */
export function roundedUp(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const digits = 2 - Math.floor(Math.log10(Math.abs(value)));
  if (digits > 300 || digits < -300) return value;
  // Powers of ten below one are not exact, so that a value of three digits would not stay what it is.
  if (digits >= 0) {
    const scale = 10 ** digits;
    return Math.ceil(Number((value * scale).toPrecision(15))) / scale;
  }
  const scale = 10 ** -digits;
  return Math.ceil(Number((value / scale).toPrecision(15))) * scale;
}

function isWithin(value: number, { above, upTo }: ValueRange): boolean {
  return (value > above || above === Number.NEGATIVE_INFINITY) && value <= upTo;
}

function countWithin(spread: ReadonlyMap<number, number> | undefined, range: ValueRange): number {
  let inside = 0;
  for (const [value, count] of spread ?? []) if (isWithin(value, range)) inside += count;
  return inside;
}

function addTo(spread: Spread, value: number, count: number): void {
  spread.set(value, (spread.get(value) ?? 0) + count);
}
