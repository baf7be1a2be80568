import { readFile } from 'node:fs/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { optionalTimeouts, requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { DynamoUse } from '../../adapters/limits/dynamodb-use.ts';
import { DynamoQuarantine } from '../../adapters/quarantine/dynamodb-quarantine.ts';
import { DynamoRejections } from '../../adapters/rejections/dynamodb-rejections.ts';
import { DynamoAccountLevels } from '../../adapters/service-levels/dynamodb-account-levels.ts';
import { DynamoPlatformKeys } from '../../adapters/signing/dynamodb-platform-keys.ts';
import { createIdentities } from '../../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../../adapters/storing/dynamodb-pages.ts';
import { requestPause, systemClock } from '../../adapters/system/clock-and-random.ts';
import { eventUseKey, readUseKey } from '../../domain/keys.ts';
import { Leases } from '../../domain/limits/leases.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { problemAnswers } from '../edge/problem-answers.ts';
import { requestKeys } from '../edge/request-keys.ts';
import { readVariable } from '../runtime/environment.ts';
import { countFailures, createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { createRead } from './read.ts';
import { summaryLimits } from './read-window.ts';

const { logger, metrics, meter } = createTelemetry('read');
const clock = systemClock;
const client = createDocumentClient(requestTimeouts);
const table = (name: string) => ({ client, name, pause: requestPause });
const ledger = table(readVariable('LEDGER_TABLE'));
const aggregates = table(readVariable('AGGREGATES_TABLE'));
/** For what a request is answered without, if it takes long. */
const optional = { client: createDocumentClient(optionalTimeouts) };
const eventUse = new DynamoUse({ ...ledger, ...optional }, eventUseKey);
const summaryReadUse = new DynamoUse({ ...ledger, ...optional }, readUseKey);
const read = createRead({
  identities: createIdentities({
    identities: table(readVariable('IDENTITIES_TABLE')),
    claimLogs: table(readVariable('CLAIM_LOGS_TABLE')),
    clock,
  }),
  pages: new DynamoPages(table(readVariable('PAGES_TABLE'))),
  lanes: new DynamoLanes(aggregates),
  days: new DynamoDays({ ...aggregates, ...optional }),
  quarantine: new DynamoQuarantine(ledger),
  rejections: new DynamoRejections(aggregates),
  levels: new DynamoAccountLevels(aggregates),
  platformKeys: new DynamoPlatformKeys({ table: ledger, clock }),
  eventUse,
  summaryReadUse,
  summaryLeases: new Leases(summaryReadUse, clock),
  // Where lib/function/bundle.ts puts it.
  readOpenApi: () => readFile(new URL('openapi.json', import.meta.url), 'utf8'),
  stageQuotaMode: readVariable('QUOTAS') as QuotaMode,
  clock,
  meter,
  logger,
  summaryLimits,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .use(countFailures(metrics, 'read', readVariable('AWS_LAMBDA_FUNCTION_VERSION')))
  .use(requestKeys(logger))
  .use(problemAnswers(logger))
  .handler(read);
