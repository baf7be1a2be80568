// The ledger from the door: what ingest acknowledged, against what became of it.

import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { reportEveryMinutes } from '../../hops/report.ts';
import { publishedMetric } from '../published-metric.ts';
import { inPeriods, type Signal } from './signal.ts';

/**
 * Two runs of the report. Where data are missing, CloudWatch also looks at about two periods before them: it rings after one
 * to three of these.
 */
const silentMinutes = 2 * reportEveryMinutes;

export const ledgerMissing: Signal = {
  id: 'ledgerMissing',
  name: 'ledger-missing',
  title: 'Accepted events without an outcome',
  unit: 'events',
  severity: 'page',
  what: `Events were accepted, and the ledger has no outcome of them; or it has not been compared for ${silentMinutes} minutes.`,
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'report', 'ledgerMissing', {
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(silentMinutes),
    }),
    threshold: 0,
    ...inPeriods(1),
    // Whether something is lost is unknown then, and that is no good news.
    treatMissingData: TreatMissingData.BREACHING,
  }),
};

export const recordsInFlight: Signal = {
  id: 'recordsInFlight',
  name: 'records-in-flight',
  runbook: 'stream-lag',
  title: 'Records in flight',
  unit: 'records',
  severity: 'ticket',
  what: 'More than 10,000 records were accepted and have no outcome yet.',
  watch: ({ stage }) => ({
    metric: publishedMetric(stage, 'report', 'recordsInFlight', {
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(15),
    }),
    threshold: 10_000,
    ...inPeriods(1),
    // A run of the report may fall just outside a period: a missing figure changes nothing.
    treatMissingData: TreatMissingData.IGNORE,
  }),
};
