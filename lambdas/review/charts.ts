// Charts as inline SVG: bars of days and a line. Each has a title and a description for whoever does not see it; the page has
// the numbers in a table beside it.

import { scaleBand, scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { type Html, html, trusted } from './html.ts';

export type Bar = {
  /** Undefined without data: the bar is grey, and as high as the chart is. */
  readonly value: number | undefined;
  /** What a pointer shows. */
  readonly title: string;
  readonly isBad: boolean;
};

export type BarChart = {
  readonly title: string;
  readonly description: string;
  readonly bars: readonly Bar[];
  /** Drawn across, with its word at the side: above it is too much. */
  readonly limit: { readonly value: number; readonly word: string };
  readonly firstLabel: string;
  readonly lastLabel: string;
};

const width = 640;
const round = (value: number): string => value.toFixed(1);

/** Bars reach four times the limit at most: what is far above it must not hide the rest. */
const mostLimits = 4;

export function barChart({ title, description, bars, limit, firstLabel, lastLabel }: BarChart): Html {
  const height = 120;
  const [top, bottom, side] = [8, 26, 52] as const;
  const most = Math.max(limit.value * 1.25, ...bars.map(({ value = 0 }) => value));
  const x = scaleBand<number>()
    .domain(bars.keys())
    .range([0, width - side])
    .paddingInner(0.2);
  const y = scaleLinear()
    .domain([0, Math.min(most, limit.value * mostLimits)])
    .range([height - bottom, top])
    .clamp(true);
  const base = height - bottom;
  const drawn = bars.map((bar, index) => {
    const of = bar.value === undefined ? top : Math.min(y(bar.value), base - 1);
    const kind = bar.value === undefined ? 'grey' : bar.isBad ? 'bad' : 'good';
    return html`<rect class="${kind}" x="${round(x(index) ?? 0)}" y="${round(of)}" width="${round(x.bandwidth())}" height="${round(base - of)}"><title>${bar.title}</title></rect>`;
  });
  const limitY = round(y(limit.value));
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${description}"><title>${title}</title><desc>${description}</desc>${drawn}<line class="limit" x1="0" x2="${width - side}" y1="${limitY}" y2="${limitY}"/><text class="limit-word" x="${width - side + 6}" y="${limitY}" dy="4">${limit.word}</text><text x="0" y="${height - 6}">${firstLabel}</text><text x="${width - side}" y="${height - 6}" text-anchor="end">${lastLabel}</text></svg>`;
}

export type LineChart = {
  readonly title: string;
  readonly description: string;
  readonly values: readonly number[];
  readonly mostWord: string;
  readonly firstLabel: string;
  readonly lastLabel: string;
};

export function lineChart({ title, description, values, mostWord, firstLabel, lastLabel }: LineChart): Html {
  const height = 120;
  const [top, bottom, side] = [14, 26, 110] as const;
  const base = height - bottom;
  const most = Math.max(1, ...values);
  const x = scaleLinear()
    .domain([0, Math.max(1, values.length - 1)])
    .range([2, width - side]);
  const y = scaleLinear().domain([0, most]).range([base, top]);
  const points = values.map((value, index): [number, number] => [x(index), y(value)]);
  const below = area<[number, number]>()
    .x(([atX]) => atX)
    .y0(base)
    .y1(([, atY]) => atY)
    .curve(curveMonotoneX);
  const above = line<[number, number]>().curve(curveMonotoneX);
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${description}"><title>${title}</title><desc>${description}</desc><path class="area" d="${trusted(below(points) ?? '')}"/><path class="line" d="${trusted(above(points) ?? '')}"/><text x="${width - side + 6}" y="${top}" dy="4">${mostWord}</text><text x="${width - side + 6}" y="${base}" dy="4">0</text><text x="0" y="${height - 6}">${firstLabel}</text><text x="${width - side}" y="${height - 6}" text-anchor="end">${lastLabel}</text></svg>`;
}
