// What ingest does without while a dependency is away: it goes on, and says so.

import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { publishedMetric } from '../published-metric.ts';
import { inPeriods, type Signal, sumOf } from './signal.ts';

const sum = { statistic: 'Sum' };
// Counted when it happens: no data means that it did not.
const treatMissingData = TreatMissingData.NOT_BREACHING;

export const breakerOpenings: Signal = {
  id: 'breakerOpenings',
  name: 'breaker-openings',
  title: 'Openings of the breaker towards the stream',
  unit: 'openings',
  severity: 'ticket',
  what: 'The stream failed so often that instances of ingest stopped to call it, for a while.',
  watch: ({ stage }) => ({
    metric: sumOf('openings', { ingest: publishedMetric(stage, 'ingest', 'breakerOpenings', sum) }),
    threshold: 0,
    ...inPeriods(1),
    treatMissingData,
  }),
};

export const idempotencySkipped: Signal = {
  id: 'idempotencySkipped',
  name: 'idempotency-skipped',
  title: 'Batches accepted without a look at their idempotency key',
  unit: 'batches a minute',
  severity: 'ticket',
  what: 'In 3 of 5 minutes, idempotency keys cannot be looked up, and batches are accepted all the same.',
  watch: ({ stage }) => ({
    metric: sumOf('skipped', { ingest: publishedMetric(stage, 'ingest', 'idempotencySkipped', sum) }).with({
      period: Duration.minutes(1),
    }),
    threshold: 0,
    ...inPeriods(3, 5),
    treatMissingData,
  }),
};

export const lostRejections: Signal = {
  id: 'lostRejections',
  name: 'lost-rejections',
  title: 'Rejections that are not counted',
  unit: 'records',
  severity: 'ticket',
  what: 'Records of rejections were lost: the stream did not take them, or they cannot be read.',
  watch: ({ stage }) => ({
    metric: sumOf('lost', {
      ingest: publishedMetric(stage, 'ingest', 'lostRejections', sum),
      consume: publishedMetric(stage, 'consume', 'lostRejections', sum),
      settle: publishedMetric(stage, 'settle', 'lostRejections', sum),
    }),
    threshold: 0,
    ...inPeriods(1),
    treatMissingData,
  }),
};
