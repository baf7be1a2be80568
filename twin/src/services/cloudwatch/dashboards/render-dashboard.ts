// A dashboard of the template as a page, so that people see it before anybody has deployed it.

import { escapeXml } from '../../../core/http/xml-text.ts';
import { MathNotModelled } from '../math/line.ts';
import { StatisticNotModelled } from '../store/statistic.ts';
import { type ChartSeries, renderChart } from './chart.ts';
import type { Widget } from './dashboard-body.ts';
import { style } from './dashboard-style.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderValue } from './render-value.ts';

export type DashboardData = {
  readonly name: string;
  /** Of all dashboards. */
  readonly names: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly widgets: readonly Widget[];
  /** May throw what metric math does not know: that widget says so. */
  readonly seriesOf: (widget: Extract<Widget, { kind: 'lines' | 'values' }>) => readonly ChartSeries[];
  readonly alarmOf: (arn: string) => { readonly name: string; readonly state: string };
};

const ranges = [3, 24, 168, 720];

export function renderDashboard(data: DashboardData): string {
  const { name, names, fromMs, toMs, widgets } = data;
  const others = names.map((other) =>
    other === name
      ? `<b>${escapeXml(other)}</b>`
      : `<a href="${encodeURIComponent(other)}">${escapeXml(other)}</a>`,
  );
  const longer = ranges.map((hours) => `<a href="?hours=${hours}">${rangeInWords(hours)}</a>`);
  return page(
    name,
    `<h1>${escapeXml(name)} <small>${renderTime(fromMs)} to ${renderTime(toMs)} UTC</small></h1>
<nav><span>${others.join(' ')}</span> <span>last ${longer.join(' ')}</span></nav>
<main>
${widgets.map((widget) => renderWidget(widget, data)).join('\n')}
</main>`,
  );
}

export function renderDashboardList(names: readonly string[]): string {
  const links = names.map(
    (name) => `<li><a href="dashboards/${encodeURIComponent(name)}">${escapeXml(name)}</a></li>`,
  );
  const list = names.length === 0 ? '<p>The template has none.</p>' : `<ul>${links.join('')}</ul>`;
  return page('Dashboards', `<h1>Dashboards</h1>${list}`);
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
${body}
</html>
`;

function renderWidget(widget: Widget, data: DashboardData): string {
  const { x, y, width, height, title } = widget;
  const place = `grid-column:${x + 1}/span ${width};grid-row:${y + 1}/span ${height}`;
  const heading = title === '' ? '' : `<h2>${escapeXml(title)}</h2>`;
  return `<section class="${widget.kind}" style="${place}">${heading}${bodyOf(widget, data)}</section>`;
}

function bodyOf(widget: Widget, data: DashboardData): string {
  switch (widget.kind) {
    case 'text':
      return renderMarkdown(widget.markdown);
    case 'alarms':
      return `<ul>${widget.alarmArns.map((arn) => renderAlarm(data.alarmOf(arn))).join('')}</ul>`;
    case 'values':
      return orWhyNot(() => renderValues(data.seriesOf(widget)));
    case 'lines':
      return orWhyNot(() => renderChart({ ...widget, ...data, series: data.seriesOf(widget) }));
    case 'other':
      return `<p class="none">${escapeXml(widget.reason)}: drawn by CloudWatch only.</p>`;
  }
}

/** One widget that cannot be computed does not hide the others. */
function orWhyNot(render: () => string): string {
  try {
    return render();
  } catch (error) {
    if (error instanceof MathNotModelled || error instanceof StatisticNotModelled)
      return `<p class="none">Not drawn: ${escapeXml(error.message)}</p>`;
    throw error;
  }
}

const stateWords: Readonly<Record<string, string>> = { INSUFFICIENT_DATA: 'no data' };

const renderAlarm = ({ name, state }: { readonly name: string; readonly state: string }): string =>
  `<li class="${escapeXml(state.toLowerCase())}"><b>${escapeXml(stateWords[state] ?? state)}</b> ${escapeXml(name)}</li>`;

const renderValues = (series: readonly ChartSeries[]): string =>
  `<dl>${series
    .map(({ label, points }) => {
      const last = points.at(-1);
      const shown =
        last === undefined ? '<span class="none">no data</span>' : escapeXml(renderValue(last.value));
      return `<div><dt>${escapeXml(label)}</dt><dd>${shown}</dd></div>`;
    })
    .join('')}</dl>`;

const renderTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
const rangeInWords = (hours: number): string => (hours < 48 ? `${hours} h` : `${hours / 24} days`);
