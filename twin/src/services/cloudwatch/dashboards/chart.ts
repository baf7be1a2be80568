// A chart of lines over time as SVG: its thresholds, its legend with the last values, and gaps where there are no data.

import { scaleLinear, scaleUtc } from 'd3-scale';
import { line as lineOf } from 'd3-shape';
import type { Line } from './dashboard-body.ts';
import { escapeHtml } from './escape-html.ts';

/** A point is missing where there are no data. */
export type ChartSeries = {
  readonly label: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
};

export type ChartOptions = {
  readonly series: readonly ChartSeries[];
  readonly lines: readonly Line[];
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodMs: number;
  readonly width: number;
  readonly height: number;
};

const colours = ['#0b6bcb', '#c2410c', '#15803d', '#7c3aed', '#b45309', '#0e7490', '#be185d', '#4d7c0f'];
const colourOf = (index: number): string => colours[index % colours.length] as string;
const threshold = '#b91c1c';
const margin = { top: 8, right: 10, bottom: 20, left: 52 };
const mostLegend = 6;
const rowHeight = 14;

export function renderChart(options: ChartOptions): string {
  const { series, lines, unit, fromMs, toMs, periodMs, width, height } = options;
  const shown = series.filter(({ points }) => points.length > 0);
  if (shown.length === 0) return '<p class="none">no data</p>';
  const rows = Math.min(shown.length, mostLegend) + (shown.length > mostLegend ? 1 : 0);
  const bottom = height - margin.bottom - rows * rowHeight;
  const values = [
    ...shown.flatMap(({ points }) => points.map(({ value }) => value)),
    ...lines.map(({ value }) => value),
  ];
  const x = scaleUtc([fromMs, toMs], [margin.left, width - margin.right]);
  const y = scaleLinear([Math.min(0, ...values), Math.max(...values, 1e-9)], [bottom, margin.top]).nice(4);
  const path = lineOf<{ readonly atMs: number; readonly value: number } | undefined>()
    .defined((point) => point !== undefined)
    .x((point) => round(x(point?.atMs ?? 0)))
    .y((point) => round(y(point?.value ?? 0)));
  const grid = y
    .ticks(4)
    .map(
      (tick) =>
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>` +
        `<text x="${margin.left - 6}" y="${round(y(tick)) + 4}" text-anchor="end">${escapeHtml(renderValue(tick))}</text>`,
    );
  const times = x
    .ticks(5)
    .map(
      (tick) =>
        `<text x="${round(x(tick))}" y="${bottom + 14}" text-anchor="middle">${escapeHtml(x.tickFormat(5)(tick))}</text>`,
    );
  const thresholds = lines.map(({ value, label }) => {
    const at = round(y(value));
    return (
      `<line class="threshold" stroke="${threshold}" x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}"/>` +
      `<title>${escapeHtml(label)}</title>`
    );
  });
  const drawn = shown.map(({ points }, index) => {
    const colour = colourOf(index);
    const d = path(withGaps(points, periodMs)) ?? '';
    const dots = points
      .filter(({ atMs }, at) => isAlone(points, at, atMs, periodMs))
      .map(
        ({ atMs, value }) =>
          `<circle cx="${round(x(atMs))}" cy="${round(y(value))}" r="2" fill="${colour}"/>`,
      );
    return `<path d="${d}" stroke="${colour}"/>${dots.join('')}`;
  });
  const legend = shown.slice(0, mostLegend).map(({ label, points }, index) => {
    const at = bottom + margin.bottom + (index + 1) * rowHeight - 3;
    const last = renderValue(points.at(-1)?.value ?? 0);
    return (
      `<rect x="${margin.left}" y="${at - 8}" width="10" height="8" fill="${colourOf(index)}"/>` +
      `<text x="${margin.left + 15}" y="${at}">${escapeHtml(label)}: ${escapeHtml(last)}</text>`
    );
  });
  const left = shown.length - mostLegend;
  const more =
    left > 0
      ? `<text x="${margin.left + 15}" y="${bottom + margin.bottom + rows * rowHeight - 3}">and ${left} more</text>`
      : '';
  const names = shown.map(({ label }) => label).join(', ');
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(`${names}, ${unit}`)}">` +
    [...grid, ...times, ...thresholds, ...drawn, ...legend, more].join('') +
    '</svg>'
  );
}

type Point = ChartSeries['points'][number];

/** A line ends where at least one period has no value. */
function withGaps(points: readonly Point[], periodMs: number): (Point | undefined)[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return before !== undefined && point.atMs - before.atMs > 1.5 * periodMs ? [undefined, point] : [point];
  });
}

function isAlone(points: readonly Point[], index: number, atMs: number, periodMs: number): boolean {
  const near = (point: Point | undefined) =>
    point !== undefined && Math.abs(point.atMs - atMs) <= 1.5 * periodMs;
  return !near(points[index - 1]) && !near(points[index + 1]);
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** With three digits at most, and thousands as k. */
export function renderValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)}G`;
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 10_000) return `${trimmed(value / 1e3)}k`;
  return size >= 99 && size < 100 ? value.toFixed(3).replace(/0+$/, '').replace(/\.$/, '') : trimmed(value);
}

const trimmed = (value: number): string => String(Number(value.toPrecision(3)));
