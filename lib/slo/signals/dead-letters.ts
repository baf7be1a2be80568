import { Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { allOf, type Signal, sumOf } from './signal.ts';

const title = 'Dead letters';

/** Accepted records that Lambda no longer retries: delivered to the bucket, dropped, or not even delivered. */
export const deadLetters: Signal = {
  id: 'deadLetters',
  name: 'dead-letters',
  title,
  unit: 'records',
  severity: 'page',
  what: 'Lambda no longer retries accepted records: they left the stream without being stored.',
  watch: ({ consumers }) => {
    const metrics = allOf(consumers).flatMap(({ function: consume, mapping }) => {
      const ofMapping = (metricName: string) =>
        new Metric({
          namespace: 'AWS/Lambda',
          metricName,
          dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
          statistic: Stats.SUM,
        });
      return [
        ofMapping('OnFailureDestinationDeliveredEventCount'),
        ofMapping('DroppedEventCount'),
        consume.metric('DestinationDeliveryFailures', { statistic: Stats.SUM }),
      ];
    });
    return {
      metric: sumOf(title, Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]))),
      threshold: 0,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      // The mapping counts only failures: no data means that there was none.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  },
};
