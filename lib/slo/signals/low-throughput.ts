import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { leastUsualEvents, lowThroughputPercent } from '../../../domain/service-levels/usual-throughput.ts';
import { publishedMetric } from '../published-metric.ts';
import { inPeriods, type Signal } from './signal.ts';

/** What we refuse and fail has alarms of its own. This one is for what never arrives. */
export const lowThroughput: Signal = {
  id: 'lowThroughput',
  name: 'low-throughput',
  title: 'Events of the last hour, of the usual',
  unit: 'percent of the same hour yesterday and a week ago',
  severity: 'ticket',
  what:
    `In the last full hour fewer events came than ${lowThroughputPercent} % of those of the same hour yesterday and of a ` +
    `week ago, where at least ${leastUsualEvents} are usual.`,
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'report', 'throughputPercent', {
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(30),
    }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: lowThroughputPercent,
    ...inPeriods(1),
    // Nothing is told where too little is usual. That report is silent has an alarm of its own.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
