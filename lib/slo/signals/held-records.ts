import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import type { Signal } from './signal.ts';

const minutes = 5;

/** The consumer keeps records and retries, because a dependency is unavailable. */
export const heldRecords: Signal = {
  id: 'heldRecords',
  name: 'held-records',
  title: 'Records held by the consumer',
  unit: 'records',
  severity: 'page',
  what: 'A dependency is unavailable: the consumer keeps its records and retries.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'consume', 'heldRecords', {
      statistic: Stats.SUM,
      period: Duration.minutes(1),
    }),
    threshold: 0,
    evaluationPeriods: minutes,
    datapointsToAlarm: minutes,
    // Published several times a minute while it lasts: no data means that nothing is held.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
