// A chart of lines over time: the plot as SVG that fills whatever room it has, and its words as HTML, so that they are as
// large on a phone as on a wall. A gap is where there are no data.

import { scaleLinear, scaleUtc } from 'd3-scale';
import { line as lineOf } from 'd3-shape';
import { escapeXml } from '../../../core/http/xml-text.ts';
import type { Line, Range } from './dashboard-body.ts';
import { renderValue } from './render-value.ts';

type Point = { readonly atMs: number; readonly value: number };

/** A point is missing where there are no data. */
export type ChartSeries = {
  readonly label: string;
  readonly periodMs: number;
  readonly points: readonly Point[];
};

export type ChartOptions = {
  readonly series: readonly ChartSeries[];
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly range: Range;
  readonly fromMs: number;
  readonly toMs: number;
};

const colours = ['#0b6bcb', '#c2410c', '#15803d', '#7c3aed', '#b45309', '#0e7490', '#be185d', '#4d7c0f'];
const colourOf = (index: number): string => colours[index % colours.length] as string;
/** Of the plot; it is stretched to the room that it has. */
const [width, height] = [1000, 100] as const;
const mostLegend = 6;

export function renderChart(options: ChartOptions): string {
  const { series, lines, unit, range, fromMs, toMs } = options;
  const shown = series.filter(({ points }) => points.length > 0);
  if (shown.length === 0) return '<p class="none">no data</p>';
  const x = scaleUtc([fromMs, toMs], [0, width]).clamp(true);
  const y = scaleLinear(domainOf(options), [height, 0]);
  if (range.min === undefined && range.max === undefined) y.nice(4);
  const grid = y.ticks(4).map((tick) => acrossAt(y(tick), 'grid'));
  const thresholds = lines.map(({ value }) => acrossAt(y(value), 'threshold'));
  const path = lineOf<Point | undefined>()
    .defined((point) => point !== undefined)
    .x((point) => round(x(point?.atMs ?? 0)))
    .y((point) => round(y(point?.value ?? 0)));
  const drawn = shown.map(({ points, periodMs }, index) => {
    // A line of no length is a dot, because its ends are round.
    const dots = points
      .filter((_, at) => isAlone(points, at, periodMs))
      .map(({ atMs, value }) => `M${round(x(atMs))},${round(y(value))}h0`);
    const whole = path(withGaps(points, periodMs)) ?? '';
    return (
      `<path d="${whole}" stroke="${colourOf(index)}"/>` +
      (dots.length === 0 ? '' : `<path class="dots" d="${dots.join('')}" stroke="${colourOf(index)}"/>`)
    );
  });
  const values = y
    .ticks(4)
    .map((tick) => `<span style="top:${round(y(tick))}%">${escapeXml(renderValue(tick))}</span>`);
  const times = x
    .ticks(4)
    .map(
      (tick) =>
        `<span style="left:${round((100 * x(tick)) / width)}%">${escapeXml(renderTick(tick, toMs - fromMs))}</span>`,
    );
  const names = shown.map(({ label }) => label).join(', ');
  return (
    `<div class="chart"><div class="plot"><div class="ticks">${values.join('')}</div>` +
    `<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${escapeXml(`${names}, ${unit}`)}">` +
    `${[...grid, ...thresholds, ...drawn].join('')}</svg>` +
    `<div class="times">${times.join('')}</div></div>${renderLegend(shown, lines, unit)}</div>`
  );
}

/** From 0, unless that would press all values against the upper edge, as it does with 99.95 % beside 99.9 %. */
function domainOf({ series, lines, range }: ChartOptions): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const look = (value: number) => {
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { points } of series) for (const { value } of points) look(value);
  for (const { value } of lines) look(value);
  const from = range.min ?? (low > 0 && low > high / 2 && low < high ? low : Math.min(0, low));
  const to = range.max ?? high;
  return to > from ? [from, to] : [from, from + 1];
}

const acrossAt = (at: number, kind: 'grid' | 'threshold'): string =>
  `<path class="${kind}" d="M0,${round(at)}H${width}"/>`;

/** The thresholds come first: what the lines are held against. */
function renderLegend(shown: readonly ChartSeries[], lines: readonly Line[], unit: string): string {
  const entry = (kind: string, colour: string, text: string) =>
    `<li><i class="${kind}"${colour && ` style="border-color:${colour}"`}></i>${escapeXml(text)}</li>`;
  const entries = [
    ...lines.map(({ label, value }) => entry('limit', '', label === '' ? renderValue(value) : label)),
    ...shown
      .slice(0, mostLegend)
      .map(({ label, points }, index) =>
        entry('series', colourOf(index), `${label}: ${renderValue(points.at(-1)?.value ?? 0)}`),
      ),
    ...(shown.length > mostLegend ? [`<li>and ${shown.length - mostLegend} more</li>`] : []),
  ];
  const axis = unit === '' ? '' : `<li class="unit">${escapeXml(unit)}</li>`;
  return `<ul class="legend">${axis}${entries.join('')}</ul>`;
}

/** A line ends where at least one period has no value. */
function withGaps(points: readonly Point[], periodMs: number): (Point | undefined)[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return before !== undefined && !areNear(before, point, periodMs) ? [undefined, point] : [point];
  });
}

const isAlone = (points: readonly Point[], index: number, periodMs: number): boolean =>
  !areNear(points[index - 1], points[index], periodMs) &&
  !areNear(points[index], points[index + 1], periodMs);

const areNear = (one: Point | undefined, other: Point | undefined, periodMs: number): boolean =>
  one !== undefined && other !== undefined && other.atMs - one.atMs <= 1.5 * periodMs;

const round = (value: number): number => Math.round(value * 10) / 10;

const msPerDay = 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
function renderTick(time: Date, rangeMs: number): string {
  if (rangeMs <= 2 * msPerDay) return time.toISOString().slice(11, 16);
  return `${time.getUTCDate()} ${months[time.getUTCMonth()]}`;
}
