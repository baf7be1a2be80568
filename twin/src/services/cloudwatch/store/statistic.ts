// What a period of a metric comes to: `Sum`, `p99`, `PR(:500)`, … What is not computed here is an error that names it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html

import type { StoredSeries } from './stored-series.ts';

/** Of the minutes from the first one to before the second; NaN where there are no data. */
export type Statistic = (series: StoredSeries, fromMinute: number, toMinute: number) => number;

export class StatisticNotModelled extends Error {
  override readonly name = 'StatisticNotModelled';
  constructor(statistic: string) {
    super(
      `The local twin does not compute the statistic ${statistic}. It has Sum, Average, Minimum, Maximum, SampleCount, ` +
        'pNN, and PR(low:high) and TC(low:high) between two values; add it to store/statistic.ts.',
    );
  }
}

const simple: Readonly<Record<string, Statistic>> = {
  SampleCount: (series, from, to) => {
    const { count } = series.window(from, to);
    return count > 0 ? count : Number.NaN;
  },
  Sum: (series, from, to) => {
    const { count, sum } = series.window(from, to);
    return count > 0 ? sum : Number.NaN;
  },
  Average: (series, from, to) => {
    const { count, sum } = series.window(from, to);
    return count > 0 ? sum / count : Number.NaN;
  },
  Minimum: (series, from, to) => {
    const { count, min } = series.window(from, to);
    return count > 0 ? min : Number.NaN;
  },
  Maximum: (series, from, to) => {
    const { count, max } = series.window(from, to);
    return count > 0 ? max : Number.NaN;
  },
};

const percentile = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;
const between = /^(PR|TC)\((-?[\d.]*):(-?[\d.]*)\)$/;

export function readStatistic(text: string): Statistic {
  if (Object.hasOwn(simple, text)) return simple[text] as Statistic;
  const percent = percentile.exec(text)?.[1];
  if (percent !== undefined) return (series, from, to) => series.percentile(from, to, Number(percent));
  const [, kind, low = '', high = ''] = between.exec(text) ?? [];
  if (kind === undefined || (low === '' && high === '')) throw new StatisticNotModelled(text);
  const range = {
    above: low === '' ? Number.NEGATIVE_INFINITY : Number(low),
    upTo: high === '' ? Number.POSITIVE_INFINITY : Number(high),
  };
  if (Number.isNaN(range.above) || Number.isNaN(range.upTo)) throw new StatisticNotModelled(text);
  if (kind === 'TC') return (series, from, to) => series.within(from, to, range).inside;
  return (series, from, to) => {
    const { inside, all } = series.within(from, to, range);
    return (100 * inside) / all;
  };
}
