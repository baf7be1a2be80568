import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { inPeriods, mathOf, type Signal } from './signal.ts';

const floor = 100;
const sum = { statistic: 'Sum' };

/** A client that sends all again costs as much as its events did, and counts nothing. */
export const duplicates: Signal = {
  id: 'duplicates',
  name: 'duplicates',
  title: 'Duplicates',
  unit: 'percent',
  severity: 'ticket',
  what: `More than 20 % of what is consumed are duplicates over 15 minutes, and at least ${floor} are.`,
  watch: ({ stage }) => ({
    metric: mathOf(
      'duplicates, %',
      15,
      `IF(FILL(again, 0) >= ${floor}, 100 * again / (again + FILL(stored, 0)), 0)`,
      {
        again: publishedMetric(stage, 'consume', 'duplicateEvents', sum),
        stored: publishedMetric(stage, 'consume', 'storedEvents', sum),
      },
    ),
    threshold: 20,
    ...inPeriods(1),
    // No data means that there was none.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }),
};
