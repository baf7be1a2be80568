import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import type { Signal } from './signal.ts';

const minutes = 5;
/** A stage with few requests may have none of them in some minute. */
const ofThem = 3;

export const shedding: Signal = {
  id: 'shedding',
  name: 'shedding',
  title: 'Requests that are shed',
  unit: 'requests',
  severity: 'page',
  what: 'The store is behind, and ingest refuses batches by tier.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'ingest', 'shedRequests', {
      statistic: Stats.SUM,
      period: Duration.minutes(1),
    }),
    threshold: 0,
    evaluationPeriods: minutes,
    datapointsToAlarm: ofThem,
    // No data means that no request was shed.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
