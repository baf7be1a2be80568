// What share of all answers are errors of ours, or of the clients.

import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { floorOfBad } from '../../../domain/service-levels/objectives.ts';
import { publishedMetric } from '../published-metric.ts';
import { gatewayMetric, inPeriods, mathOf, percentOf, type Signal } from './signal.ts';

// No data means no requests, so none failed.
const treatMissingData = TreatMissingData.NOT_BREACHING;

export const errorRate: Signal = {
  id: 'errorRate',
  name: 'error-rate',
  title: 'Answers of 5xx',
  unit: 'percent',
  severity: 'page',
  what: `More than 1 % of all answers are 5xx over 5 minutes, and at least ${floorOfBad.short} are.`,
  watch: ({ api }) => ({
    metric: mathOf('5xx, %', 5, percentOf('errors', 'requests', floorOfBad.short), {
      errors: gatewayMetric(api, '5XXError'),
      requests: gatewayMetric(api, 'Count'),
    }),
    threshold: 1,
    ...inPeriods(1),
    treatMissingData,
  }),
};

export const clientErrors: Signal = {
  id: 'clientErrors',
  name: 'client-errors',
  title: 'Answers of 4xx',
  unit: 'percent',
  severity: 'ticket',
  what: `More than 5 % of all answers are 4xx over 15 minutes, and at least ${floorOfBad.long} are.`,
  watch: ({ api }) => ({
    metric: mathOf('4xx, %', 15, percentOf('refused', 'requests', floorOfBad.long), {
      refused: gatewayMetric(api, '4XXError'),
      requests: gatewayMetric(api, 'Count'),
    }),
    threshold: 5,
    ...inPeriods(1),
    treatMissingData,
  }),
};

/** Whoever refused: a usage plan, a limit of ours, or shedding. */
export const throttled: Signal = {
  id: 'throttled',
  name: 'throttled',
  title: 'Answers of 429',
  unit: 'percent',
  severity: 'ticket',
  what: `More than 10 % of all answers are 429 over 5 minutes, and at least ${floorOfBad.long} are.`,
  watch: ({ stage, api }) => ({
    metric: mathOf('429, %', 5, percentOf('throttled', 'requests', floorOfBad.long), {
      throttled: publishedMetric(stage, 'accessLog', 'throttledAnswers', { statistic: 'Sum' }),
      requests: gatewayMetric(api, 'Count'),
    }),
    threshold: 10,
    ...inPeriods(1),
    treatMissingData,
  }),
};

/** Somebody guesses keys, or many clients have a key that was revoked. */
export const unauthorized: Signal = {
  id: 'unauthorized',
  name: 'unauthorized',
  title: 'Answers of 401',
  unit: 'answers a minute',
  severity: 'ticket',
  what: 'In 3 of 5 minutes, more than 100 answers are 401.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'accessLog', 'unauthorizedAnswers', {
      statistic: 'Sum',
      period: Duration.minutes(1),
    }),
    threshold: 100,
    // A flood of bad keys lasts; a client with one wrong key does not come so often.
    ...inPeriods(3, 5),
    treatMissingData,
  }),
};
