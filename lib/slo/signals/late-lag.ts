import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Signal } from './signal.ts';

const thresholdHours = 1;
const minutes = 15;

/** A backfill may come faster than it is stored. Nobody else waits for it, but its records get old. */
export const lateLag: Signal = {
  id: 'lateLag',
  name: 'late-lag',
  title: 'Lag of late events',
  unit: 'milliseconds',
  severity: 'ticket',
  what: `Late events wait longer than ${thresholdHours} hour in their stream.`,
  watch: ({ consumers: { late } }) =>
    late && {
      metric: late.function.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: Duration.minutes(1) }),
      threshold: Duration.hours(thresholdHours).toMilliseconds(),
      evaluationPeriods: minutes,
      datapointsToAlarm: minutes,
      // As for the other stream: without late events there is no age.
      treatMissingData: TreatMissingData.IGNORE,
    },
};
