// Functions that run by the clock. One that fails is an error of it; one that does not run at all is no error of anything.

import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { settling } from '../../../domain/quarantine/quarantine.ts';
import type { FunctionVerb } from '../../../domain/system/stage-names.ts';
import { reportEveryMinutes } from '../../hops/report.ts';
import { reviewEveryMinutes } from '../../hops/review.ts';
import { publishedMetric } from '../published-metric.ts';
import { functionMetric, inPeriods, mathOf, type Signal } from './signal.ts';

/** All of them but the probe, which has an alarm of its own. */
export const scheduledFunctions: readonly { readonly verb: FunctionVerb; readonly everyMinutes: number }[] = [
  { verb: 'settle', everyMinutes: settling.sweepEveryMinutes },
  { verb: 'report', everyMinutes: reportEveryMinutes },
  { verb: 'review', everyMinutes: reviewEveryMinutes },
];

export const silentFunctions: readonly Signal[] = scheduledFunctions.map(({ verb, everyMinutes }) => ({
  id: `${verb}Silent`,
  name: `silent-${verb}`,
  runbook: 'silent-functions',
  title: `Runs of ${verb}`,
  unit: 'runs',
  severity: 'ticket',
  what: `The function ${verb} runs every ${everyMinutes} minutes, and has not run for ${2 * everyMinutes}.`,
  watch: ({ stage }) => ({
    metric: functionMetric(stage, verb, 'Invocations', { period: Duration.minutes(everyMinutes) }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    // Two short periods rather than a long one: CloudWatch also looks at about two periods before those that are missing.
    ...inPeriods(2),
    // A function that does not run publishes nothing.
    treatMissingData: TreatMissingData.BREACHING,
  }),
}));

/** What each run of it publishes. Without it, all alarms on its figures stay as they are. */
export const metricsGone: Signal = {
  id: 'metricsGone',
  name: 'metrics-gone',
  runbook: 'silent-functions',
  title: 'Report runs, and its metrics are gone',
  unit: '1 if so',
  severity: 'ticket',
  what: 'The function report runs, and nothing of what it publishes has arrived for 30 minutes.',
  watch: ({ stage }) => ({
    metric: mathOf(
      'metrics gone',
      2 * reportEveryMinutes,
      'IF(FILL(runs, 0) > 0 AND FILL(figure, -1) < 0, 1, 0)',
      {
        runs: functionMetric(stage, 'report', 'Invocations'),
        figure: publishedMetric(stage, 'report', 'activeAccounts', { statistic: 'Maximum' }),
      },
    ),
    threshold: 0,
    ...inPeriods(1),
    // Without a run there is nothing to miss: that it does not run has an alarm of its own.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
