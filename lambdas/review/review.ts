// Each hour: how well each objective was met over its window, as metrics; which alarms were on since the last time, as
// incidents; the status page; and the reports that are due. A run that fails is made up for by the next one. Only the
// message of a report can then come twice.

import type { Logger } from '@aws-lambda-powertools/logger';
import {
  type Attainment,
  attainmentOf,
  type Counted,
  countsIn,
  windowOf,
} from '../../domain/service-levels/attainment.ts';
import { incidentsAfter } from '../../domain/service-levels/incidents.ts';
import type { Measured } from '../../domain/service-levels/indicators.ts';
import { type Objective, objectives } from '../../domain/service-levels/objectives.ts';
import type {
  AlarmReader,
  Incidents,
  MetricReader,
  ReportShelf,
  ReportTopic,
  ReviewMark,
} from '../../domain/service-levels/port.ts';
import { objectiveMeasurements } from '../../domain/service-levels/report-metrics.ts';
import { type DueReport, dueReports } from '../../domain/service-levels/report-periods.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import { gatherReport } from './gather-report.ts';
import { renderReportPage } from './render-report.ts';
import { renderStatusPage, statusDays, statusPageName } from './render-status.ts';
import { renderReportText, titleOf } from './render-text.ts';

export type ReviewDeps = {
  readonly measured: Measured;
  readonly metrics: MetricReader;
  readonly alarms: AlarmReader;
  readonly incidents: Incidents;
  readonly mark: ReviewMark;
  readonly shelf: ReportShelf;
  readonly topic: ReportTopic;
  readonly publishLevel: (objective: Objective, attainment: Attainment) => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'info'>;
};

export type Reviewed = { readonly objectives: number; readonly incidents: number; readonly reports: number };

/** As long as CloudWatch keeps the history of alarms. */
const historyMs = 30 * dayMs;
/** History that arrives late is read by the next run. To read it twice changes nothing. */
const overlapMs = hourMs;

export async function review(deps: ReviewDeps): Promise<Reviewed> {
  const nowMs = deps.clock.now();
  const reviewedToMs = await deps.mark.find();
  const { measured, metrics } = deps;
  const toMs = floorTo(nowMs, hourMs);
  const range = { fromMs: floorTo(toMs, dayMs) - (statusDays - 1) * dayMs, toMs };
  const counted = await metrics.read(objectiveMeasurements(measured), range);
  const levels = objectives.map((objective, index) => levelOf(objective, counted[index] ?? nothing, toMs));
  for (const { objective, attainment } of levels)
    if (attainment !== undefined) deps.publishLevel(objective, attainment);

  const incidents = await keepIncidents(deps, reviewedToMs ?? nowMs - historyMs, nowMs);
  const due = dueReports(reviewedToMs, nowMs);
  for (const report of due) await keepReport(deps, report);
  // What makes only a ticket is no outage to those whom the page is for, and may be of what one client does.
  const open = (await deps.incidents.list({ fromMs: nowMs, toMs: nowMs + 1 })).filter(
    ({ severity }) => severity === 'page',
  );
  await deps.shelf.put(
    statusPageName,
    renderStatusPage({ stage: measured.stage, levels, range, open, madeAtMs: nowMs }),
  );
  await deps.mark.keep(nowMs);
  return {
    objectives: levels.filter(({ attainment }) => attainment !== undefined).length,
    incidents,
    reports: due.length,
  };
}

const nothing: Counted = { total: new Map(), bad: new Map() };

const levelOf = (objective: Objective, counted: Counted, toMs: number) => ({
  objective,
  counted,
  attainment: attainmentOf(objective, countsIn(objective, counted, windowOf(objective, toMs))),
});

/** How many are new or have changed. */
async function keepIncidents(deps: ReviewDeps, sinceMs: number, nowMs: number): Promise<number> {
  const { alarms, incidents } = deps;
  const fromMs = Math.max(sinceMs - overlapMs, nowMs - historyMs);
  const transitions = await alarms.transitions({ fromMs, toMs: nowMs });
  const states = await alarms.states();
  const open = await incidents.list({ fromMs: nowMs, toMs: nowMs + 1 });
  const changed = incidentsAfter(open, transitions, states, nowMs);
  for (const incident of changed) await incidents.keep(incident);
  return changed.length;
}

async function keepReport(deps: ReviewDeps, { kind, range, name }: DueReport): Promise<void> {
  const report = await gatherReport(deps, kind, range);
  const text = renderReportText(report);
  await deps.shelf.put(`${name}.html`, renderReportPage(report));
  await deps.shelf.put(`${name}.txt`, text);
  const address = deps.shelf.addressOf(`${name}.html`);
  await deps.topic.publish(titleOf(report), `${messageOf(text)}\n\nAs a page: aws s3 cp ${address} .\n`);
  deps.logger.info('a report was made', { kind, name, verdict: report.verdict.word });
}

/** SNS takes 256 KiB, and refuses all of a longer one. An alarm that flaps for a week makes thousands of incidents. */
const mostMessageBytes = 200 * 1024;

function messageOf(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostMessageBytes) return text;
  const lines = bytes.toString('utf8', 0, mostMessageBytes).split('\n').slice(0, -1);
  return [...lines, '', 'Cut here: it is too long for a message. All of it is on the page.'].join('\n');
}
