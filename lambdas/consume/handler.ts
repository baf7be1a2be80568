import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { workPatience } from '../../adapters/client-options.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { DynamoCounts } from '../../adapters/dynamodb/counts.ts';
import { DynamoIdentities } from '../../adapters/dynamodb/identities.ts';
import { DynamoPages } from '../../adapters/dynamodb/pages.ts';
import { S3FailedRecords } from '../../adapters/s3/failed-records.ts';
import { betweenWorkTries, systemClock, systemIds, systemPause } from '../../adapters/system.ts';
import { createXraySpans } from '../../adapters/xray/spans.ts';
import type { Pause } from '../../domain/back-off.ts';
import { metricNames } from '../../domain/metrics.ts';
import { readOptionalVariable, readVariable } from '../shared/environment.ts';
import { createTelemetry, publishMetrics } from '../shared/telemetry.ts';
import { createConsume } from './consume.ts';

const { logger, metrics, meter } = createTelemetry('consume');
const client = createDocumentClient(workPatience);
/** Who pauses tries again. */
const counting =
  (pause: Pause): Pause =>
  (attempt) => {
    meter.count(metricNames.retriedCalls, 1);
    return pause(attempt);
  };
const table = (name: string) => ({ client, name, pause: counting(betweenWorkTries) });
const consume = createConsume({
  identities: new DynamoIdentities(table(readVariable('IDENTITIES_TABLE'))),
  pages: new DynamoPages(table(readVariable('PAGES_TABLE'))),
  counts: new DynamoCounts({
    aggregates: table(readVariable('AGGREGATES_TABLE')),
    ledger: table(readVariable('LEDGER_TABLE')),
  }),
  failedRecords: new S3FailedRecords({
    bucket: readVariable('FAILED_RECORDS_BUCKET'),
    patience: workPatience,
  }),
  clock: systemClock,
  ids: systemIds,
  spans: createXraySpans(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS')),
  pauses: {
    unavailable: systemPause({ firstMs: 500, mostMs: 10_000 }),
    contested: counting(systemPause({ firstMs: 20, mostMs: 500 })),
  },
  meter,
  logger,
});

export const handler = middy<KinesisStreamEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((event, context) => consume(event, () => context.getRemainingTimeInMillis()));
