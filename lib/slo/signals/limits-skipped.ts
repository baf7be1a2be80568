import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import type { Signal } from './signal.ts';

const minutes = 5;

/** Accounts that send more than they may are not held back meanwhile. */
export const limitsSkipped: Signal = {
  id: 'limitsSkipped',
  name: 'limits-skipped',
  title: 'Batches accepted without a look at the limit',
  unit: 'batches',
  severity: 'ticket',
  what: 'Ingest cannot reach what accounts have used of their limits, and accepts all batches.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'ingest', 'limitsSkipped', {
      statistic: Stats.SUM,
      period: Duration.minutes(1),
    }),
    threshold: 0,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    // No data means that no batch was accepted so.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
