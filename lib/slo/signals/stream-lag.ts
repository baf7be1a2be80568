import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Consumer, Signal } from './signal.ts';

const thresholdSeconds = 60;
const minutes = 5;

export const streamLag: Signal = {
  id: 'streamLag',
  name: 'stream-lag',
  title: 'Stream lag',
  unit: 'milliseconds',
  severity: 'page',
  what: `Records wait longer than ${thresholdSeconds} seconds in the stream.`,
  watch: ({ consumers }) => lagOf(consumers.live),
};

export const lagOf = (consumer: Consumer) => ({
  metric: consumer.function.metric('IteratorAge', {
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(1),
  }),
  threshold: thresholdSeconds * 1000,
  evaluationPeriods: minutes,
  datapointsToAlarm: minutes,
  // Lambda measures the age only when it hands over a batch. Silence is a quiet night, or a consumer that keeps its
  // records, which has an alarm of its own. So the last state stands until the next batch.
  treatMissingData: TreatMissingData.IGNORE,
});
