import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoTenants } from '../../adapters/accounts/dynamodb-tenants.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { systemClock, systemPause, workPause } from '../../adapters/system/clock-and-random.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { createReport, type Reconciliation } from './report.ts';

const { logger, metrics, meter } = createTelemetry('report');
const client = createDocumentClient(workTimeouts);
const table = (name: string) => ({ client, name, pause: workPause });
const report = createReport({
  accounts: new DynamoTenants(table(readVariable('ACCOUNTS_TABLE'))),
  lanes: new DynamoLanes(table(readVariable('AGGREGATES_TABLE'))),
  limits: runLimits,
  pauses: { contested: systemPause({ firstMs: 20, maxMs: 500 }) },
  clock: systemClock,
  random: Math.random,
  meter,
  logger,
});

export const handler = middy<unknown, Reconciliation>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((_event, context) => report(() => context.getRemainingTimeInMillis()));
