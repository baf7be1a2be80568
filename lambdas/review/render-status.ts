// The status page: how each promise is kept now and on the last 90 days, and what is open. It may be public, so that it says
// nothing of accounts, notes or hosts.

import { type Attainment, attainmentOf, type Counted } from '../../domain/service-levels/attainment.ts';
import type { Incident } from '../../domain/service-levels/incidents.ts';
import type { Objective } from '../../domain/service-levels/objectives.ts';
import type { TimeRange } from '../../domain/service-levels/port.ts';
import { daysOf } from '../../domain/service-levels/report.ts';
import { barChart } from './charts.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';
import { day, leftWords, minute, percent, promiseWords, standingOf } from './words.ts';

export const statusPageName = 'status/index.html';
export const statusDays = 90;

export type Status = {
  readonly stage: string;
  readonly levels: readonly Level[];
  /** Of the bars. */
  readonly range: TimeRange;
  readonly open: readonly Pick<Incident, 'alarm' | 'fromMs'>[];
  readonly madeAtMs: number;
};

type Level = {
  readonly objective: Objective;
  readonly counted: Counted;
  readonly attainment: Attainment | undefined;
};

export function renderStatusPage({ stage, levels, range, open, madeAtMs }: Status): string {
  const missed = levels.filter(({ attainment }) => attainment?.isMet === false);
  const isMeasured = levels.some(({ attainment }) => attainment !== undefined);
  const word =
    open.length > 0
      ? `${open.length === 1 ? 'One incident is' : `${open.length} incidents are`} open`
      : missed.length > 0
        ? `${missed.map(({ objective }) => objective.title).join(', ')}: below what is promised`
        : isMeasured
          ? 'All promises are kept'
          : 'Nothing was measured yet';
  const tone = open.length > 0 || missed.length > 0 ? 'freeze' : isMeasured ? 'ship' : '';
  return page(`Weir ${stage}: status`, [
    html`<header><h1>Weir ${stage}: status</h1>
<p class="soft">As of ${minute(madeAtMs)} UTC. It is renewed every hour.</p></header>`,
    html`<section class="verdict ${tone}"><strong>${word}</strong>${open.map(
      ({ alarm, fromMs }) => html`<p>${alarm}, since ${minute(fromMs)} UTC</p>`,
    )}</section>`,
    html`<section><h2>The last ${statusDays} days</h2>${levels.map((level) => card(level, range))}
<p class="soft">A bar is a day, and as high as what was bad on it. Above the line it is more than may be bad on every
day. Grey: no data.</p></section>`,
  ]);
}

function card({ objective, counted, attainment }: Level, range: TimeRange): Html {
  const standing = standingOf(attainment);
  const left =
    attainment === undefined || attainment.budget === 0 ? '' : ` Error budget: ${leftWords(attainment)}.`;
  const now =
    attainment === undefined
      ? 'Nothing was measured'
      : `${percent(attainment.percent)} good, promised ${promiseWords(objective)}`;
  const days = daysOf(objective, counted, range);
  const bars = days.map((each) => {
    const of = attainmentOf(objective, each);
    return {
      value: of && Math.min(of.usedPercent / 100, 1000),
      isBad: of?.isMet === false,
      title: `${day(each.dayMs)}: ${of === undefined ? 'no data' : `${percent(of.percent)} good`}`,
    };
  });
  const kept = bars.filter(({ value, isBad }) => value !== undefined && !isBad).length;
  const measured = bars.filter(({ value }) => value !== undefined).length;
  const chart = barChart({
    title: `${objective.title}, the last ${statusDays} days`,
    description: `Within the promise on ${kept} of ${measured} days that have data.`,
    bars,
    limit: { value: 1, word: 'limit' },
    firstLabel: day(range.fromMs),
    lastLabel: 'today',
  });
  return html`<article class="card"><div class="head"><h3>${objective.title}</h3><span class="chip ${standing.replace(' ', '-')}">${standing}</span></div>
<p>${now}.${left}</p>${chart}</article>`;
}
