// A report as a page for people who know nothing of the code: first whether to ship, then why.

import { attainmentOf } from '../../domain/service-levels/attainment.ts';
import type { Incident } from '../../domain/service-levels/incidents.ts';
import type {
  DayCounts,
  Report,
  ReportedCount,
  ReportedLatency,
  ReportedObjective,
} from '../../domain/service-levels/report.ts';
import { burnWords } from '../../domain/service-levels/verdict.ts';
import { barChart, lineChart } from './charts.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { titleOf } from './render-text.ts';
import {
  budgetSentence,
  burnSentence,
  changeWords,
  count,
  day,
  lasted,
  leftWords,
  milliseconds,
  minute,
  percent,
  promiseWords,
  rangeWords,
  standingOf,
  used,
} from './words.ts';

export function renderReportPage(report: Report): string {
  const { stage, kind, range, madeAtMs, objectives, throughput, latencies, failures, incidents } = report;
  return page(titleOf(report), [
    html`<header><h1>Weir ${stage}: ${kind === 'on demand' ? 'report' : `${kind} report`}</h1>
<p class="soft">${rangeWords(range)}. Made ${minute(madeAtMs)} UTC; all times are UTC.</p></header>`,
    verdictPart(report),
    html`<section><h2>What was promised, and what was kept</h2>
<p class="soft">A bar is a day, and as high as what was bad on it. Above the line it is more than may be bad on every day.</p>${objectives.map(objectiveCard)}</section>`,
    html`<section><h2>Incidents</h2>${incidentsPart(incidents, range.toMs)}</section>`,
    html`<section><h2>What failed</h2>${failuresPart(failures)}</section>`,
    html`<section><h2>How much</h2>${throughputPart(throughput)}</section>`,
    html`<section><h2>How fast</h2>${latenciesPart(latencies)}</section>`,
    howToRead(),
  ]);
}

function verdictPart({ verdict: { word, reasons, remarks } }: Report): Html {
  const list = (lines: readonly string[]) => html`<ul>${lines.map((each) => html`<li>${each}</li>`)}</ul>`;
  const also = remarks.length === 0 ? [] : [html`<p class="soft">Good to know:</p>`, list(remarks)];
  return html`<section class="verdict ${word}"><h2 hidden>Verdict</h2><strong>${
    word === 'ship' ? 'Ship' : 'Freeze'
  }</strong>${word === 'ship' ? 'Deploys may go on.' : 'No deploys but those that mend this.'}${list(reasons)}${also}</section>`;
}

function objectiveCard({ objective, window, period, trend, days }: ReportedObjective): Html {
  const standing = standingOf(window);
  const figures = [
    ['Promised', promiseWords(objective)],
    ['Actual', window === undefined ? 'no data' : percent(window.percent)],
    ['Error budget used', window === undefined ? 'no data' : used(window.usedPercent)],
    ['Against the time before', trend],
  ];
  const left =
    window === undefined || window.budget === 0 || window.usedPercent >= 100 ? '' : ` (${leftWords(window)})`;
  return html`<article class="card"><div class="head"><h3>${objective.title}</h3><span class="chip ${standing.replace(' ', '-')}">${standing}</span></div>
<dl>${figures.map(([name = '', value = '']) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p>${budgetSentence(objective, window)}${left}</p><p>${burnSentence(period)}</p>${daysChart(objective, days)}</article>`;
}

/** The share of a day's budget that the day used: above 1 it is more than may be on every day. */
function daysChart(objective: ReportedObjective['objective'], days: readonly DayCounts[]): Html | '' {
  if (days.length < 2) return '';
  const burns = days.map((each) => ({ ...each, attainment: attainmentOf(objective, each) }));
  const words = ({ attainment, total, bad }: (typeof burns)[number]) =>
    attainment === undefined
      ? 'no data'
      : `${count(bad)} of ${count(total)} bad, ${percent(attainment.percent)} good`;
  const over = burns.filter(({ attainment }) => attainment !== undefined && attainment.usedPercent > 100);
  const bars = burns.map((each) => ({
    value: each.attainment && Math.min(each.attainment.usedPercent / 100, 1000),
    isBad: (each.attainment?.usedPercent ?? 0) > 100,
    title: `${day(each.dayMs)}: ${words(each)}`,
  }));
  const chart = barChart({
    title: `${objective.title}, day by day`,
    description: `On ${over.length} of ${days.length} days more was bad than may be on every day.`,
    bars,
    limit: { value: 1, word: 'limit' },
    firstLabel: day(days[0]?.dayMs ?? 0),
    lastLabel: day(days.at(-1)?.dayMs ?? 0),
  });
  return html`<figure style="margin:0">${chart}</figure><details><summary>The numbers of each day</summary><table><thead><tr><th>Day</th><th>Measured</th></tr></thead><tbody>${burns.map(
    (each) => html`<tr><td class="time">${day(each.dayMs)}</td><td>${words(each)}</td></tr>`,
  )}</tbody></table></details>`;
}

function incidentsPart(incidents: readonly Incident[], atMs: number): Html {
  if (incidents.length === 0) return html`<p>None: no alarm that notifies somebody was on.</p>`;
  return html`<div class="scroll"><table><caption>When an alarm that notifies somebody was on.</caption>
<thead><tr><th>Alarm</th><th>From</th><th>Lasted</th><th>Root cause</th></tr></thead><tbody>${incidents.map(
    (incident) =>
      html`<tr><td>${incident.alarm}<br><span class="soft">${incident.severity}</span></td><td class="time">${minute(incident.fromMs)}</td><td>${lasted(incident, atMs)}</td><td>${notesPart(incident)}</td></tr>`,
  )}</tbody></table></div>`;
}

const notesPart = ({ id, notes }: Incident): Html =>
  notes.length === 0
    ? html`<span class="soft">no note yet: weir incident note --id ${id}</span>`
    : html`${notes.map(({ by, text }) => html`${text} <span class="soft">(${by})</span><br>`)}`;

function failuresPart(failures: Report['failures']): Html {
  if (failures.length === 0) return html`<p>Nothing that was counted.</p>`;
  return html`<table><thead><tr><th>What</th><th class="number">Times</th></tr></thead><tbody>${failures
    .slice(0, 10)
    .map(
      (each) => html`<tr><td>${each.what}</td><td class="number">${count(each.count)}</td></tr>`,
    )}</tbody></table>`;
}

function throughputPart(throughput: readonly ReportedCount[]): Html {
  const [first] = throughput;
  const chart =
    first === undefined || first.days.length < 2
      ? ''
      : lineChart({
          title: `${first.what}, a day`,
          description: `${count(first.count)} in all.`,
          values: first.days.map((each) => each.count),
          mostWord: count(Math.max(...first.days.map((each) => each.count))),
          firstLabel: day(first.days[0]?.dayMs ?? 0),
          lastLabel: `${first.what} on ${day(first.days.at(-1)?.dayMs ?? 0)}`,
        });
  return html`${chart}<table><thead><tr><th>What</th><th class="number">Count</th><th>Change</th></tr></thead><tbody>${throughput.map(
    ({ what, count: sum, before }) =>
      html`<tr><td>${what}</td><td class="number">${count(sum)}</td><td>${changeWords(sum, before)}</td></tr>`,
  )}</tbody></table>`;
}

function latenciesPart(latencies: readonly ReportedLatency[]): Html {
  const cell = (of: ReportedLatency['usual'], which: 'p50' | 'p95' | 'p99') =>
    html`<td class="number">${of === undefined ? 'no data' : milliseconds(of[which])}</td>`;
  const three = (of: ReportedLatency['usual']) =>
    html`${cell(of, 'p50')}${cell(of, 'p95')}${cell(of, 'p99')}`;
  return html`<div class="scroll"><table class="wide"><caption>P50: half were as fast. P95: 95 of 100. P99: 99 of 100.</caption>
<thead><tr><th rowspan="2">What</th><th colspan="3">A usual hour</th><th colspan="3">The worst hour</th></tr><tr>${[
    1, 2,
  ].map(
    () => html`<th class="number">P50</th><th class="number">P95</th><th class="number">P99</th>`,
  )}</tr></thead><tbody>${latencies.map(
    ({ what, usual, worst }) => html`<tr><td>${what}</td>${three(usual)}${three(worst)}</tr>`,
  )}</tbody></table></div>`;
}

function howToRead(): Html {
  const words = burnWords.map(({ below, todo }, index) => {
    const from = burnWords[index - 1]?.below;
    const range =
      from === undefined
        ? `below ${below}x`
        : Number.isFinite(below)
          ? `${from}x to ${below}x`
          : `${from}x and over`;
    return html`<li>${range}: ${todo}</li>`;
  });
  return html`<section><h2>How to read this</h2>
<p>A promise allows a few bad answers: of 1,000 answers at 99.9 % one may fail. These few are the <b>error budget</b>. It is
counted over the window of the promise, up to the end of this report.</p>
<p>At a burn of 1x, a budget lasts exactly for its window:</p><ul>${words}</ul>
<p>Deploys are frozen while a budget is used up, burns over 5x in the last day, or a page is not resolved. Grey means that
nothing was measured, which is neither good nor bad.</p></section>`;
}
