// A report as plain text: what the topic sends, and what `weir report` prints.

import type { Report, ReportedObjective } from '../../domain/service-levels/report.ts';
import {
  budgetSentence,
  burnSentence,
  changeWords,
  count,
  lasted,
  milliseconds,
  minute,
  percent,
  promiseWords,
  rangeWords,
  standingOf,
} from './words.ts';

/** A subject of SNS: ASCII, at most 100 characters. */
export const titleOf = ({ stage, kind, range, verdict }: Report): string =>
  `Weir ${stage}, ${kind === 'on demand' ? 'report' : `${kind} report`}, ${rangeWords(range)}: ${verdict.word}`;

export function renderReportText(report: Report): string {
  const { verdict, range } = report;
  return [
    titleOf(report),
    '',
    `${verdict.word.toUpperCase()}`,
    ...verdict.reasons.map((reason) => `- ${reason}`),
    ...(verdict.remarks.length > 0 ? ['', 'Also:', ...verdict.remarks.map((remark) => `- ${remark}`)] : []),
    ...section('What was promised', report.objectives.flatMap(objectiveLines)),
    ...section('What failed', failureLines(report)),
    ...section('Incidents', incidentLines(report)),
    ...section(
      'How much',
      report.throughput.map(
        ({ what, count: sum, before }) => `- ${count(sum)} ${what} (${changeWords(sum, before)})`,
      ),
    ),
    ...section('How fast, of every 2, 20 and 100 the slowest one', latencyLines(report)),
    '',
    `Times are UTC. "Before" is the time of the same length before ${minute(range.fromMs)}.`,
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] => ['', `${title}:`, ...lines];

function objectiveLines({ objective, window, period, trend }: ReportedObjective): string[] {
  const actual = window === undefined ? '' : `, actual ${percent(window.percent)}`;
  return [
    `- ${objective.title}: ${standingOf(window)}. Promised ${promiseWords(objective)}${actual}.`,
    `  ${budgetSentence(objective, window)}`,
    `  ${burnSentence(period)} Against the time before: ${trend}.`,
  ];
}

const failureLines = ({ failures }: Report): string[] =>
  failures.length === 0
    ? ['- Nothing that was counted.']
    : failures.slice(0, 10).map((failure) => `- ${count(failure.count)} times: ${failure.what}`);

/** A note is one line: whoever wrote it writes no other lines of the report. */
const incidentLines = ({ incidents, range }: Report): string[] =>
  incidents.length === 0
    ? ['- None.']
    : incidents.flatMap((incident) => [
        `- ${incident.alarm} (${incident.severity}): from ${minute(incident.fromMs)}, ${lasted(incident, range.toMs)}`,
        `  id: ${incident.id}`,
        ...(incident.notes.length === 0
          ? ['  root cause: no note yet']
          : incident.notes.map(({ by, text }) => `  ${`${by}: ${text}`.replaceAll(/\s+/g, ' ')}`)),
      ]);

const latencyLines = ({ latencies }: Report): string[] =>
  latencies.map(({ what, usual, worst }) => {
    if (usual === undefined || worst === undefined) return `- ${what}: no data`;
    const shown = ({ p50, p95, p99 }: typeof usual) => [p50, p95, p99].map(milliseconds).join(', ');
    return `- ${what}: ${shown(usual)} in a usual hour; ${shown(worst)} in the worst`;
  });
