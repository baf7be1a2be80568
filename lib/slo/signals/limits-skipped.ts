import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { inFilledMinutes, type Signal, sumOf } from './signal.ts';

const title = 'Requests let through without a look at the limit';
const minutes = 5;
const sum = { statistic: Stats.SUM };

/** Accounts that send more than they may are not held back meanwhile. */
export const limitsSkipped: Signal = {
  id: 'limitsSkipped',
  name: 'limits-skipped',
  title,
  unit: 'requests',
  severity: 'ticket',
  what: 'What accounts have used of their limits cannot be reached, and nothing is refused because of them.',
  watch: ({ stage }) => ({
    metric: sumOf(title, {
      ingest: publishedMetric(stage, 'ingest', 'limitsSkipped', sum),
      read: publishedMetric(stage, 'read', 'limitsSkipped', sum),
    }).with({ period: Duration.minutes(1) }),
    threshold: 0,
    ...inFilledMinutes(minutes),
    // No data means that no request was let through so.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
