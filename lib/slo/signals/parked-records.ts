import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Signal } from './signal.ts';

const title = 'Records left for the bucket';

/** Lambda gave up on accepted records: delivered to the bucket, dropped, or not even delivered. */
export const parkedRecords: Signal = {
  id: 'parkedRecords',
  name: 'parked-records',
  title,
  unit: 'records',
  severity: 'page',
  what: 'Accepted records left the stream without being stored.',
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
