import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { optionalPatience, requestPatience } from '../../adapters/client-options.ts';
import { DynamoAggregates } from '../../adapters/dynamodb/aggregates.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { DynamoDays } from '../../adapters/dynamodb/days.ts';
import { DynamoQuarantine } from '../../adapters/dynamodb/quarantine.ts';
import { DynamoReceipts } from '../../adapters/dynamodb/receipts.ts';
import { DynamoSigningKey } from '../../adapters/dynamodb/signing-key.ts';
import { betweenRequestTries, systemClock, systemIds } from '../../adapters/system.ts';
import { readVariable } from '../shared/environment.ts';
import type { HttpAnswer, HttpRequest } from '../shared/http.ts';
import { problemAnswers } from '../shared/problem-answers.ts';
import { requestKeys } from '../shared/request-keys.ts';
import { createTelemetry } from '../shared/telemetry.ts';
import { createRead } from './read.ts';

const { logger } = createTelemetry('read');
const client = createDocumentClient(requestPatience);
const table = (name: string) => ({ client, name, pause: betweenRequestTries });
const ledger = table(readVariable('LEDGER_TABLE'));
const aggregates = table(readVariable('AGGREGATES_TABLE'));
const read = createRead({
  aggregates: new DynamoAggregates(aggregates),
  days: new DynamoDays({ ...aggregates, client: createDocumentClient(optionalPatience) }),
  receipts: new DynamoReceipts(ledger),
  quarantine: new DynamoQuarantine(ledger),
  signingKey: new DynamoSigningKey(ledger, systemIds),
  clock: systemClock,
  logger,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(requestKeys(logger))
  .use(problemAnswers(logger))
  .handler(read);
