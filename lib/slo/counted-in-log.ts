// What only the access log knows: answers of the gateway by status, and whose they are. A filter counts lines as a metric.
// A rule of Contributor Insights ranks them, so that no account and no key is a dimension of a metric.

import { Stack } from 'aws-cdk-lib';
import { CfnInsightRule } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type MetricOf, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import type { StageSettings } from '../stage/stage-settings.ts';

const counted = {
  unauthorizedAnswers: '401',
  throttledAnswers: '429',
} as const satisfies Record<MetricOf<'accessLog'>, string>;

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
    for (const [metricName, status] of Object.entries(counted))
      new CfnMetricFilter(this, metricName, {
        logGroupName,
        filterPattern: `{ $.status = "${status}" }`,
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
