// What only the access log knows: answers of the gateway by status, and whose they are. A filter counts lines as a metric.
// A rule of Contributor Insights ranks them, so that no account and no key is a dimension of a metric.

import { Stack } from 'aws-cdk-lib';
import { CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routes } from '../../domain/api/routes.ts';
import { type MetricOf, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import { objectiveOfRoute } from '../../domain/service-levels/route-objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

const pathsOf = (objective: 'ingest' | 'read' | undefined): ReadonlySet<string> =>
  new Set(routes.filter((route) => objectiveOfRoute(route) === objective).map(({ path }) => path));
const [ofIngest, ofRead, ofNone] = [pathsOf('ingest'), pathsOf('read'), pathsOf(undefined)];

const sends = `($.method = "POST") && (${[...ofIngest].map((path) => `($.route = "${path}")`).join(' || ')})`;
/** Whatever else there is: requests for unknown routes among them, and not what browsers ask before they send. */
const reads = [
  '($.method != "OPTIONS")',
  ...[...ofNone].map((path) => `($.route != "${path}")`),
  ...[...ofIngest].map((path) =>
    ofRead.has(path) ? `(($.route != "${path}") || ($.method = "GET"))` : `($.route != "${path}")`,
  ),
].join(' && ');
const failed = '($.status = "5*")';

const counted: Readonly<Record<MetricOf<'accessLog'>, string>> = {
  unauthorizedAnswers: '$.status = "401"',
  throttledAnswers: '$.status = "429"',
  ingestRequests: sends,
  ingestFailures: `${failed} && ${sends}`,
  readRequests: reads,
  readFailures: `${failed} && ${reads}`,
};

type Ranked = { readonly title: string; readonly keys: readonly string[]; readonly status?: string };

/** By the ends of their names. A key that is refused has no id in the log: then its address stands for it. */
const ranked: Readonly<Record<string, Ranked>> = {
  'busiest-accounts': { title: 'Requests by account', keys: ['$.accountId'] },
  'unauthorized-callers': {
    title: 'Answers of 401, by key and address',
    keys: ['$.keyId', '$.ip'],
    status: '401',
  },
  'throttled-accounts': {
    title: 'Answers of 429, by account and key',
    keys: ['$.accountId', '$.keyId'],
    status: '429',
  },
};

export class CountedInLog extends Construct {
  /** The rules that rank, for a dashboard. */
  readonly rules: readonly { readonly title: string; readonly ruleName: string }[];

  constructor(scope: Construct, id: string, stage: StageSettings, logGroupName: string) {
    super(scope, id);
    for (const [metricName, condition] of Object.entries(counted))
      new CfnMetricFilter(this, metricName, {
        logGroupName,
        filterPattern: `{ ${condition} }`,
        metricTransformations: [
          { metricName, metricNamespace: metricNamespaceOf(stage.name), metricValue: '1', unit: 'Count' },
        ],
      });
    this.rules = Object.entries(ranked).map(([name, { title, keys, status }]) => {
      const ruleName = `weir-${stage.name}-${name}`;
      new CfnInsightRule(this, name, {
        ruleName,
        ruleState: 'ENABLED',
        ruleBody: Stack.of(this).toJsonString({
          Schema: { Name: 'CloudWatchLogRule', Version: 1 },
          LogGroupNames: [logGroupName],
          LogFormat: 'JSON',
          Contribution: {
            Keys: keys,
            // Without a status it ranks accounts: a request without one is nobody's.
            Filters: [
              status === undefined
                ? { Match: '$.accountId', NotIn: ['-'] }
                : { Match: '$.status', In: [status] },
            ],
          },
          AggregateOn: 'Count',
        }),
      });
      return { title, ruleName };
    });
  }
}
