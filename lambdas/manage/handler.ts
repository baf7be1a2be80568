import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoApiKeys } from '../../adapters/accounts/dynamodb-api-keys.ts';
import { DynamoAuditLog } from '../../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoMembers } from '../../adapters/accounts/dynamodb-members.ts';
import { requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoQuarantine } from '../../adapters/quarantine/dynamodb-quarantine.ts';
import { LambdaSettling } from '../../adapters/quarantine/lambda-settling.ts';
import { requestPause, systemClock, systemRandom } from '../../adapters/system/clock-and-random.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { problemAnswers } from '../edge/problem-answers.ts';
import { requestKeys } from '../edge/request-keys.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry } from '../runtime/telemetry.ts';
import { createManage } from './manage.ts';

const { logger } = createTelemetry('manage');
const client = createDocumentClient(requestTimeouts);
const table = (name: string) => ({ client, name, pause: requestPause });
const accounts = table(readVariable('ACCOUNTS_TABLE'));
const manage = createManage({
  accounts: new DynamoAccounts(accounts),
  keys: new DynamoApiKeys(accounts),
  members: new DynamoMembers(accounts),
  auditLog: new DynamoAuditLog(accounts),
  quarantine: new DynamoQuarantine(table(readVariable('LEDGER_TABLE'))),
  settling: new LambdaSettling(readVariable('SETTLE_FUNCTION')),
  clock: systemClock,
  random: systemRandom,
  logger,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(requestKeys(logger))
  .use(problemAnswers(logger))
  .handler(manage);
