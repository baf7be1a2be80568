import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoGenerations } from '../../adapters/accounts/dynamodb-generations.ts';
import { optionalTimeouts, workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoCountingLanes } from '../../adapters/counting/dynamodb-counting-lanes.ts';
import { DynamoQuarantine } from '../../adapters/quarantine/dynamodb-quarantine.ts';
import { S3FailedRecords } from '../../adapters/quarantine/s3-failed-records.ts';
import { DynamoRejections } from '../../adapters/rejections/dynamodb-rejections.ts';
import { DynamoPlatformKeys } from '../../adapters/signing/dynamodb-platform-keys.ts';
import { createIdentities } from '../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import { requestPause, systemClock, systemPause, workPause } from '../../adapters/system/clock-and-random.ts';
import type { SettleAnswer } from '../../domain/quarantine/quarantine.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { KnownGenerations } from '../storing/deleted-accounts.ts';
import { createSettle } from './settle.ts';
import type { SweepResult } from './sweep.ts';

const { logger, metrics, meter } = createTelemetry('settle');
const client = createDocumentClient(workTimeouts);
const table = (name: string) => ({ client, name, pause: workPause });
const ledger = table(readVariable('LEDGER_TABLE'));
const aggregates = table(readVariable('AGGREGATES_TABLE'));
const settle = createSettle({
  generations: new KnownGenerations({
    generations: new DynamoGenerations({
      client: createDocumentClient(optionalTimeouts),
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
  quarantine: new DynamoQuarantine(ledger),
  platformKeys: new DynamoPlatformKeys({ table: ledger, clock: systemClock }),
  failedRecords: new S3FailedRecords({
    bucket: readVariable('FAILED_RECORDS_BUCKET'),
    timeouts: workTimeouts,
  }),
  clock: systemClock,
  pauses: { contested: systemPause({ firstMs: 20, maxMs: 500 }) },
  meter,
  logger,
});

export const handler = middy<unknown, SettleAnswer | SweepResult | undefined>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((event, context) => settle(event, () => context.getRemainingTimeInMillis()));
