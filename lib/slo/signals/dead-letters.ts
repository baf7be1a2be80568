import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Signal } from './signal.ts';

const title = 'Dead letters';

/** Accepted records that Lambda no longer retries: delivered to the bucket, dropped, or not even delivered. */
export const deadLetters: Signal = {
  id: 'deadLetters',
  name: 'dead-letters',
  title,
  unit: 'records',
  severity: 'page',
  what: 'Lambda no longer retries accepted records: they left the stream without being stored.',
  watch: ({ mapping, consume }) => {
    const ofMapping = (metricName: string) =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
        statistic: Stats.SUM,
      });
    return {
      metric: new MathExpression({
        expression: 'FILL(delivered, 0) + FILL(dropped, 0) + FILL(undelivered, 0)',
        usingMetrics: {
          delivered: ofMapping('OnFailureDestinationDeliveredEventCount'),
          dropped: ofMapping('DroppedEventCount'),
          undelivered: consume.metric('DestinationDeliveryFailures', { statistic: Stats.SUM }),
        },
        period: Duration.minutes(5),
        label: title,
      }),
      threshold: 0,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      // The mapping counts only failures: no data means that there was none.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
  },
};
