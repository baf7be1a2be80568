import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { declared } from '../../../domain/service-levels/indicators.ts';
import { floorOfBad } from '../../../domain/service-levels/objectives.ts';
import { publishedMetric } from '../published-metric.ts';
import { gatewayMetric, hasMetricsOfMethods, inPeriods, mathOf, type Signal } from './signal.ts';

const route = declared('POST', '/v1/events');
const sum = { statistic: 'Sum' };

/** A batch that was a 4xx, or that was answered from its idempotency key, is accepted by nobody either. */
export const ingestionStopped: Signal = {
  id: 'ingestionStopped',
  name: 'ingestion-stopped',
  title: 'Requests arrive, and nothing is accepted',
  unit: '1 if so',
  severity: 'page',
  what: `At least ${floorOfBad.short} batches arrived within 5 minutes that were not refused, and no event was accepted.`,
  watch: ({ stage, api }) =>
    hasMetricsOfMethods(stage)
      ? {
          metric: mathOf(
            'stopped',
            5,
            `IF(FILL(requests, 0) - FILL(refused, 0) - replays >= ${floorOfBad.short} AND accepted == 0, 1, 0)`,
            {
              requests: gatewayMetric(api, 'Count', 'Sum', route),
              refused: gatewayMetric(api, '4XXError', 'Sum', route),
              replays: publishedMetric(stage, 'ingest', 'idempotencyReplays', sum),
              accepted: publishedMetric(stage, 'ingest', 'acceptedEvents', sum),
            },
          ),
          threshold: 0,
          ...inPeriods(1),
          // No data means no requests: a quiet night wakes nobody.
          treatMissingData: TreatMissingData.NOT_BREACHING,
        }
      : undefined,
};
