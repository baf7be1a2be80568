// A dashboard of the template as a page, so that people see it before anybody has deployed it.

import { type ChartSeries, renderChart, renderValue } from './chart.ts';
import type { Widget } from './dashboard-body.ts';
import { escapeHtml } from './escape-html.ts';

export type AlarmState = { readonly name: string; readonly state: string };

export type DashboardData = {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly widgets: readonly Widget[];
  readonly seriesOf: (widget: Extract<Widget, { kind: 'lines' | 'values' }>) => readonly ChartSeries[];
  readonly alarmOf: (arn: string) => AlarmState;
};

/** A column is so wide in the picture that the text of a chart is as large as that of the page. */
const columnPixels = 52;
const rowPixels = 46;

export function renderDashboard(data: DashboardData): string {
  const { name, fromMs, toMs, widgets } = data;
  const range = `${renderTime(fromMs)} to ${renderTime(toMs)} UTC`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}</title>
<style>${style}</style>
<h1>${escapeHtml(name)} <small>${range}</small></h1>
<main>
${widgets.map((widget) => renderWidget(widget, data)).join('\n')}
</main>
</html>
`;
}

function renderWidget(widget: Widget, data: DashboardData): string {
  const { x, y, width, height, title } = widget;
  const place = `grid-column:${x + 1}/span ${width};grid-row:${y + 1}/span ${height}`;
  const heading = title === '' ? '' : `<h2>${escapeHtml(title)}</h2>`;
  return `<section class="${widget.kind}" style="${place}">${heading}${bodyOf(widget, data)}</section>`;
}

function bodyOf(widget: Widget, data: DashboardData): string {
  switch (widget.kind) {
    case 'text':
      return renderMarkdown(widget.markdown);
    case 'alarms':
      return `<ul>${widget.alarmArns.map((arn) => renderAlarm(data.alarmOf(arn))).join('')}</ul>`;
    case 'values':
      return renderValues(data.seriesOf(widget));
    case 'lines':
      return renderChart({
        ...{ series: data.seriesOf(widget), lines: widget.lines, unit: widget.unit },
        ...{ fromMs: data.fromMs, toMs: data.toMs, periodMs: widget.periodSeconds * 1000 },
        width: widget.width * columnPixels,
        height: widget.height * rowPixels - 30,
      });
    case 'other':
      return `<p class="none">${escapeHtml(widget.reason)} are drawn by CloudWatch only.</p>`;
  }
}

const renderAlarm = ({ name, state }: AlarmState): string =>
  `<li class="${escapeHtml(state.toLowerCase())}"><b>${escapeHtml(state)}</b> ${escapeHtml(name)}</li>`;

const renderValues = (series: readonly ChartSeries[]): string =>
  `<dl>${series
    .map(({ label, points }) => {
      const last = points.at(-1);
      const shown =
        last === undefined ? '<span class="none">no data</span>' : escapeHtml(renderValue(last.value));
      return `<div><dt>${escapeHtml(label)}</dt><dd>${shown}</dd></div>`;
    })
    .join('')}</dl>`;

/** Headings, lists, bold, links and paragraphs: what our texts use. */
function renderMarkdown(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((block) => {
      const heading = /^(#+) (.*)$/.exec(block);
      if (heading) return `<h2>${inline(heading[2] ?? '')}</h2>`;
      const lines = block.split('\n');
      if (lines.every((line) => line.startsWith('- ')))
        return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
      return `<p>${inline(lines.join(' '))}</p>`;
    })
    .join('');
}

const inline = (text: string): string =>
  escapeHtml(text)
    .replaceAll(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]+)\]\((https:[^)\s]+)\)/g, '<a href="$2">$1</a>');

const renderTime = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');

const style = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; color: #1f2937; background: #f3f4f6; }
h1 { font-size: 1.2rem; } h1 small { font-weight: normal; color: #6b7280; margin-left: .6rem; }
main { display: grid; grid-template-columns: repeat(24, minmax(0, 1fr)); grid-auto-rows: ${rowPixels}px; gap: 0 8px; }
section { background: #fff; border: 1px solid #e5e7eb; border-radius: 6px; padding: 6px 10px; margin-bottom: 8px; overflow: hidden; }
h2 { font-size: .86rem; margin: 0 0 4px; }
svg { width: 100%; height: calc(100% - 22px); display: block; font-size: 11px; }
svg text { fill: #4b5563; } svg path { fill: none; stroke-width: 1.6; }
svg .grid { stroke: #e5e7eb; } svg .threshold { stroke-dasharray: 5 4; }
.none { color: #6b7280; }
section.alarms ul { list-style: none; margin: 0; padding: 0; columns: 3; font-size: 12px; }
section.alarms li b { display: inline-block; min-width: 4.2rem; color: #4b5563; }
section.alarms li.ok b { color: #15803d; } section.alarms li.alarm { color: #b91c1c; } section.alarms li.alarm b { color: #b91c1c; }
dl { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; margin: 0; } dt { color: #6b7280; font-size: 12px; } dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
section.text p, section.text ul { margin: .3rem 0; }
@media (max-width: 800px) { main { display: block; } section.lines { height: 280px; } section.alarms ul { columns: 1; } }
`;
