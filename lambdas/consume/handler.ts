import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { DynamoGenerations } from '../../adapters/accounts/dynamodb-generations.ts';
import { optionalTimeouts, workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoCountingLanes } from '../../adapters/counting/dynamodb-counting-lanes.ts';
import { DynamoLags } from '../../adapters/limits/dynamodb-lags.ts';
import { DynamoJobs } from '../../adapters/quarantine/dynamodb-jobs.ts';
import { S3FailedRecords } from '../../adapters/quarantine/s3-failed-records.ts';
import { DynamoRejections } from '../../adapters/rejections/dynamodb-rejections.ts';
import { DynamoPlatformKeys } from '../../adapters/signing/dynamodb-platform-keys.ts';
import { createIdentities } from '../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import {
  requestPause,
  systemClock,
  systemPause,
  systemRandom,
  workPause,
} from '../../adapters/system/clock-and-random.ts';
import { createXraySpans } from '../../adapters/system/xray-spans.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { Tallies } from '../counting/tallies.ts';
import { readOptionalVariable, readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { KnownGenerations } from '../storing/deleted-accounts.ts';
import { createConsume } from './consume.ts';
import { createPublishLag } from './publish-lag.ts';
import { RefusedLanes } from './refused-lanes.ts';

const { logger, metrics, meter } = createTelemetry('consume');
const client = createDocumentClient(workTimeouts);
/** Every pause comes before a retry, so that pauses count the retries. */
const countingRetries =
  (pause: Pause): Pause =>
  (attempt) => {
    meter.count(metricNames.retriedCalls, 1);
    return pause(attempt);
  };
const table = (name: string) => ({ client, name, pause: countingRetries(workPause) });
const ledger = table(readVariable('LEDGER_TABLE'));
const aggregates = table(readVariable('AGGREGATES_TABLE'));
/** For what a shard does without, if it takes long. */
const optional = createDocumentClient(optionalTimeouts);
const consume = createConsume({
  generations: new KnownGenerations({
    generations: new DynamoGenerations({
      client: optional,
      name: readVariable('ACCOUNTS_TABLE'),
      pause: requestPause,
    }),
    clock: systemClock,
    logger,
  }),
  identities: createIdentities({
    identities: table(readVariable('IDENTITIES_TABLE')),
    claimLogs: table(readVariable('CLAIM_LOGS_TABLE')),
    clock: systemClock,
  }),
  pages: new DynamoPages(table(readVariable('PAGES_TABLE'))),
  lanes: new DynamoCountingLanes({ aggregates, ledger }),
  rejections: new DynamoRejections(aggregates),
  limits: runLimits,
  tallies: new Tallies(runLimits),
  refusedLanes: new RefusedLanes(),
  publishLag: createPublishLag({
    lags: new DynamoLags({ client: optional, name: ledger.name }),
    clock: systemClock,
    logger,
  }),
  platformKeys: new DynamoPlatformKeys({ table: ledger, clock: systemClock }),
  quarantine: new DynamoJobs(ledger),
  failedRecords: new S3FailedRecords({
    bucket: readVariable('FAILED_RECORDS_BUCKET'),
    timeouts: workTimeouts,
  }),
  clock: systemClock,
  random: systemRandom,
  spans: createXraySpans(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS')),
  pauses: {
    unavailable: systemPause({ firstMs: 500, maxMs: 10_000 }),
    contested: countingRetries(systemPause({ firstMs: 20, maxMs: 500 })),
  },
  meter,
  logger,
});

export const handler = middy<KinesisStreamEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((event, context) => consume(event, () => context.getRemainingTimeInMillis()));
