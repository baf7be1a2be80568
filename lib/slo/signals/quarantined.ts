import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { type Signal, sumOf } from './signal.ts';

const title = 'Records in quarantine';
const sum = { statistic: Stats.SUM };

/** Quarantined by the consumer or by settle, also a record without a receipt, because its header cannot be read. */
export const quarantined: Signal = {
  id: 'quarantined',
  name: 'quarantine',
  title,
  unit: 'records',
  severity: 'page',
  what: 'Accepted records were quarantined, or their automatic replays are used up.',
  watch: ({ stage }) => ({
    metric: sumOf(title, {
      consume: publishedMetric(stage, 'consume', 'quarantinedRecords', sum),
      settle: publishedMetric(stage, 'settle', 'quarantinedRecords', sum),
      abandoned: publishedMetric(stage, 'settle', 'abandonedRecords', sum),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // Published for each record when it is quarantined: no data means that there was none.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
