import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import type { Signal } from './signal.ts';

/** A receipt waits for its hour to end, and then for the next run of the report: about 80 minutes. */
const thresholdHours = 3;

export const unfolded: Signal = {
  id: 'unfolded',
  name: 'unfolded',
  title: 'Oldest receipt that no run has folded',
  unit: 'milliseconds',
  severity: 'ticket',
  what: `Receipts wait longer than ${thresholdHours} hours to be folded into documents.`,
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'report', 'oldestUnfolded', {
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(15),
    }),
    threshold: Duration.hours(thresholdHours).toMilliseconds(),
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // A run of the report may fall just outside a period: a missing figure changes nothing.
    treatMissingData: TreatMissingData.IGNORE,
  }),
};
