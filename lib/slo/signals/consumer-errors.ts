import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { type Signal, sumOf } from './signal.ts';

const title = 'Consumer errors';
const sum = { statistic: Stats.SUM };

/** A sweep goes on after an error, so that Lambda counts none: its own metric does. */
export const consumerErrors: Signal = {
  id: 'consumerErrors',
  name: 'consumer-errors',
  title,
  unit: 'errors',
  severity: 'ticket',
  what: 'Consume, settle or report crashed or timed out, or a sweep left something undone.',
  watch: ({ stage, consumers, settle, report }) => ({
    metric: sumOf(title, {
      consume: consumers.live.function.metricErrors(sum),
      ...(consumers.priority && { priority: consumers.priority.function.metricErrors(sum) }),
      ...(consumers.late && { late: consumers.late.function.metricErrors(sum) }),
      settle: settle.metricErrors(sum),
      // If it always fails, nothing folds what consumers leave, and its own figures stay as they were.
      report: report.metricErrors(sum),
      undone: publishedMetric(stage, 'settle', 'leftUndone', sum),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // No data means no invocation: what did not run did not fail.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
