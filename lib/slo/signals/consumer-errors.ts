import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { functionsOfStage } from '../../stage/stage-settings.ts';
import { publishedMetric } from '../published-metric.ts';
import { functionMetric, type Signal, sumOf } from './signal.ts';

const title = 'Errors of functions that no request waits for';

/** What these fail is in no answer. The probe says itself whether it failed. */
const answering = /^(authorize|ingest|manage|read|probe)$/;

/** A sweep goes on after an error, so that Lambda counts none: its own metric does. */
export const consumerErrors: Signal = {
  id: 'consumerErrors',
  name: 'consumer-errors',
  title,
  unit: 'errors',
  severity: 'ticket',
  what: 'A function that no request waits for crashed or timed out, or a sweep left something undone.',
  watch: ({ stage }) => ({
    metric: sumOf(title, {
      ...Object.fromEntries(
        functionsOfStage(stage)
          .filter((verb) => !answering.test(verb))
          .map((verb) => [verb.replace('-', '_'), functionMetric(stage, verb, 'Errors')]),
      ),
      undone: publishedMetric(stage, 'settle', 'leftUndone', { statistic: 'Sum' }),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // No data means no invocation: what did not run did not fail.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
