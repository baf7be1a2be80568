import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { inPeriods, type Signal } from './signal.ts';

const minutes = 3;

/** It sees an outage in a quiet night too, and one in front of the gateway's metrics. */
export const probeFailing: Signal = {
  id: 'probeFailing',
  name: 'probe-failing',
  title: 'The probe',
  unit: '1 if it was read back',
  severity: 'page',
  what: `The event that the platform sends to itself each minute was not read back, ${minutes} times in a row.`,
  watch: ({ stage }) =>
    stage.probe === true
      ? {
          metric: publishedMetric(stage, 'probe', 'probeSucceeded', {
            statistic: Stats.MAXIMUM,
            period: Duration.minutes(1),
          }),
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          threshold: 1,
          ...inPeriods(minutes),
          // A probe that does not run sees nothing.
          treatMissingData: TreatMissingData.BREACHING,
        }
      : undefined,
};
