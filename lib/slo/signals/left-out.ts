import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { type Signal, sumOf } from './signal.ts';

const title = 'Records left out of documents';
const sum = { statistic: Stats.SUM };

export const leftOut: Signal = {
  id: 'leftOut',
  name: 'left-out',
  title,
  unit: 'records',
  severity: 'page',
  what: 'Records are stored, and summaries do not count them: what they add could not be applied.',
  watch: ({ stage }) => ({
    metric: sumOf(title, {
      consume: publishedMetric(stage, 'consume', 'leftOutRecords', sum),
      report: publishedMetric(stage, 'report', 'leftOutRecords', sum),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    // Published for each record when it is left out: no data means that there was none.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
