import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { workPatience } from '../../adapters/client-options.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { DynamoCounts } from '../../adapters/dynamodb/counts.ts';
import { DynamoIdentities } from '../../adapters/dynamodb/identities.ts';
import { DynamoPages } from '../../adapters/dynamodb/pages.ts';
import { DynamoQuarantine } from '../../adapters/dynamodb/quarantine.ts';
import { S3FailedRecords } from '../../adapters/s3/failed-records.ts';
import { betweenWorkTries, systemClock, systemPause } from '../../adapters/system.ts';
import type { SettleAnswer } from '../../domain/quarantine.ts';
import { readVariable } from '../shared/environment.ts';
import { createTelemetry, publishMetrics } from '../shared/telemetry.ts';
import { createSettle } from './settle.ts';
import type { Swept } from './sweep.ts';

const { logger, metrics, meter } = createTelemetry('settle');
const client = createDocumentClient(workPatience);
const table = (name: string) => ({ client, name, pause: betweenWorkTries });
const ledger = table(readVariable('LEDGER_TABLE'));
const settle = createSettle({
  identities: new DynamoIdentities(table(readVariable('IDENTITIES_TABLE'))),
  pages: new DynamoPages(table(readVariable('PAGES_TABLE'))),
  counts: new DynamoCounts({ aggregates: table(readVariable('AGGREGATES_TABLE')), ledger }),
  quarantine: new DynamoQuarantine(ledger),
  failedRecords: new S3FailedRecords({
    bucket: readVariable('FAILED_RECORDS_BUCKET'),
    patience: workPatience,
  }),
  clock: systemClock,
  pauses: { contested: systemPause({ firstMs: 20, mostMs: 500 }) },
  meter,
  logger,
});

export const handler = middy<unknown, SettleAnswer | Swept | undefined>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((event, context) => settle(event, () => context.getRemainingTimeInMillis()));
