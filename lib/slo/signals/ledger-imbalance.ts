import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import type { Signal } from './signal.ts';

export const ledgerImbalance: Signal = {
  id: 'ledgerImbalance',
  name: 'ledger-imbalance',
  title: 'Counts do not add up',
  unit: 'events',
  severity: 'page',
  what: 'Events received are not the sum of those stored, duplicate, conflicting and quarantined.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'report', 'ledgerImbalance', {
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(15),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // A run of the report may fall just outside a period: a missing figure changes nothing.
    treatMissingData: TreatMissingData.IGNORE,
  }),
};
