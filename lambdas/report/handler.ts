import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoAuditLog } from '../../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoBusiest } from '../../adapters/accounts/dynamodb-busiest.ts';
import { DynamoGenerations } from '../../adapters/accounts/dynamodb-generations.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { DynamoUse } from '../../adapters/limits/dynamodb-use.ts';
import { systemClock, systemPause, systemRandom, workPause } from '../../adapters/system/clock-and-random.ts';
import { DynamoTallySheets } from '../../adapters/tally/dynamodb-tally-sheets.ts';
import { runLimits } from '../../domain/counting/next-run.ts';
import { eventUseKey } from '../../domain/keys.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { createReport, type Reconciliation } from './report.ts';

const { logger, metrics, meter } = createTelemetry('report');
const client = createDocumentClient(workTimeouts);
const table = (name: string) => ({ client, name, pause: workPause });
const accounts = table(readVariable('ACCOUNTS_TABLE'));
const aggregates = table(readVariable('AGGREGATES_TABLE'));
const ledger = table(readVariable('LEDGER_TABLE'));
const report = createReport({
  accounts: new DynamoAccounts(accounts),
  auditLog: new DynamoAuditLog(accounts),
  auditor: { actor: { who: 'advisor', from: 'report' }, random: systemRandom },
  slots: JSON.parse(readVariable('SLOTS')),
  busiest: new DynamoBusiest(aggregates),
  eventUse: new DynamoUse(ledger, eventUseKey),
  sheets: new DynamoTallySheets(ledger),
  generations: new DynamoGenerations(accounts),
  lanes: new DynamoLanes(aggregates),
  days: new DynamoDays(aggregates),
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
