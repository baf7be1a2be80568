import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { workPatience } from '../../adapters/client-options.ts';
import { DynamoAccounts } from '../../adapters/dynamodb/accounts.ts';
import { DynamoAggregates } from '../../adapters/dynamodb/aggregates.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { betweenWorkTries, systemClock } from '../../adapters/system.ts';
import { readVariable } from '../shared/environment.ts';
import { createTelemetry, publishMetrics } from '../shared/telemetry.ts';
import { createReport, type Reconciliation } from './report.ts';

const { logger, metrics, meter } = createTelemetry('report');
const client = createDocumentClient(workPatience);
const table = (name: string) => ({ client, name, pause: betweenWorkTries });
const report = createReport({
  accounts: new DynamoAccounts(table(readVariable('ACCOUNTS_TABLE'))),
  aggregates: new DynamoAggregates(table(readVariable('AGGREGATES_TABLE'))),
  clock: systemClock,
  meter,
  logger,
});

export const handler = middy<unknown, Reconciliation>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler(report);
