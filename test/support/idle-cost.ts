// The cost of a deployed stage without traffic, counted in its templates: the table of docs/operate/deploy.md.

import type { Template } from 'aws-cdk-lib/assertions';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { StageSettings } from '../../lib/stage/stage-settings.ts';
import { resourcesOf, stageNamed, synthesize } from '../infra/synthesize.ts';

type Charge = {
  readonly what: string;
  /** In us-east-1, November 2026; docs/operate/deploy.md names the pages. */
  readonly dollarsEach: number;
  /** So many are free in each AWS account. */
  readonly free: number;
  readonly count: (template: Template) => number;
};

const hoursAMonth = 730;
/** The report publishes metrics without traffic too. */
const metricsOfTheReport = [
  metricNames.ledgerImbalance,
  metricNames.activeAccounts,
  metricNames.oldestUnfolded,
  metricNames.ledgerMissing,
  metricNames.recordsInFlight,
];

type MetricOfAlarm = { readonly MetricStat?: unknown };

const charges: readonly Charge[] = [
  {
    what: 'stream, on demand',
    dollarsEach: 0.04 * hoursAMonth,
    free: 0,
    count: (template) =>
      resourcesOf(template, 'AWS::Kinesis::Stream').filter(
        ({ Properties }) => Properties.StreamModeDetails?.StreamMode === 'ON_DEMAND',
      ).length,
  },
  {
    what: 'stream, a shard',
    dollarsEach: 0.015 * hoursAMonth,
    free: 0,
    count: (template) =>
      resourcesOf(template, 'AWS::Kinesis::Stream').reduce(
        (sum, { Properties }) => sum + (Properties.ShardCount ?? 0),
        0,
      ),
  },
  {
    what: 'metrics in alarms',
    dollarsEach: 0.1,
    free: 10,
    count: (template) =>
      resourcesOf(template, 'AWS::CloudWatch::Alarm')
        .map(({ Properties }) => (Properties.Metrics ?? [{ MetricStat: true }]) as readonly MetricOfAlarm[])
        .flatMap((metrics) => metrics.filter(({ MetricStat }) => MetricStat !== undefined)).length,
  },
  {
    what: 'composite alarms',
    dollarsEach: 0.5,
    free: 0,
    count: (template) => resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm').length,
  },
  {
    what: 'rules of Contributor Insights',
    dollarsEach: 0.5,
    free: 1,
    count: (template) => resourcesOf(template, 'AWS::CloudWatch::InsightRule').length,
  },
  {
    what: 'web ACLs',
    dollarsEach: 5,
    free: 0,
    count: (template) => resourcesOf(template, 'AWS::WAFv2::WebACL').length,
  },
  {
    what: 'rules of web ACLs',
    dollarsEach: 1,
    free: 0,
    count: (template) =>
      resourcesOf(template, 'AWS::WAFv2::WebACL').reduce(
        (sum, { Properties }) => sum + Properties.Rules.length,
        0,
      ),
  },
  {
    what: 'dashboards',
    dollarsEach: 3,
    free: 3,
    count: (template) => resourcesOf(template, 'AWS::CloudWatch::Dashboard').length,
  },
  {
    what: 'metrics of the report',
    dollarsEach: 0.3,
    free: 10,
    count: (template) =>
      resourcesOf(template, 'AWS::Events::Rule').length === 0 ? 0 : metricsOfTheReport.length,
  },
];

const begin = '<!-- counted in the templates by test/support/idle-cost.ts -->';
const end = '<!-- end of what is counted -->';

/** Returns the page with a new table. */
export function withIdleCost(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(
      `docs/operate/deploy.md has no lines "${begin}" and "${end}". Restore them around its table.`,
    );
  return `${page.slice(0, from)}${begin}\n\n${table(['tiny', 'dev', 'prod'])}\n\n${page.slice(to)}`;
}

const countsOf = (stage: StageSettings): readonly number[] => {
  const { stateful, stateless } = synthesize(stage);
  return charges.map(({ count }) => count(stateful) + count(stateless));
};

/** As the sum of the table is rendered. */
export const idleDollars = (stage: StageSettings): number =>
  countsOf(stage).reduce((sum, count, row) => sum + count * (charges[row]?.dollarsEach ?? 0), 0);

function table(stages: readonly string[]): string {
  const counts = stages.map((name) => countsOf(stageNamed(name)));
  const sum = (billed: (count: number, charge: Charge) => number) =>
    counts.map((of) =>
      dollars(
        charges.reduce((total, charge, row) => total + billed(of[row] ?? 0, charge) * charge.dollarsEach, 0),
      ),
    );
  const rows = charges.map(({ what, dollarsEach, free }, row) => [
    what,
    dollars(dollarsEach),
    String(free),
    ...counts.map((of) => `${of[row]}`),
  ]);
  return [
    ['a month, us-east-1', 'each', 'free', ...stages],
    ['---', '--:', '--:', ...stages.map(() => '--:')],
    ...rows,
    ['**sum**', '', '', ...sum((count) => count)],
    ['**sum, alone in its account**', '', '', ...sum((count, { free }) => Math.max(0, count - free))],
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

export const dollars = (amount: number) => `$${amount.toFixed(2)}`;
