import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoApiKeys } from '../../adapters/accounts/dynamodb-api-keys.ts';
import { DynamoAuditLog } from '../../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoBusiest } from '../../adapters/accounts/dynamodb-busiest.ts';
import { DynamoMembers } from '../../adapters/accounts/dynamodb-members.ts';
import { requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLags } from '../../adapters/limits/dynamodb-lags.ts';
import { DynamoQuarantine } from '../../adapters/quarantine/dynamodb-quarantine.ts';
import { LambdaSettling } from '../../adapters/quarantine/lambda-settling.ts';
import { requestPause, systemClock, systemRandom } from '../../adapters/system/clock-and-random.ts';
import { tableDependency } from '../../adapters/system/dynamodb-dependency.ts';
import { streamDependencies } from '../../adapters/system/kinesis-dependency.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { problemAnswers } from '../edge/problem-answers.ts';
import { requestKeys } from '../edge/request-keys.ts';
import { readOptionalVariable, readVariable } from '../runtime/environment.ts';
import { countFailures, createTelemetry } from '../runtime/telemetry.ts';
import { createManage } from './manage.ts';

const { logger, metrics } = createTelemetry('manage');
const client = createDocumentClient(requestTimeouts);
const table = (name: string) => ({ client, name, pause: requestPause });
const accounts = table(readVariable('ACCOUNTS_TABLE'));
const ledger = table(readVariable('LEDGER_TABLE'));
const manage = createManage({
  accounts: new DynamoAccounts(accounts),
  keys: new DynamoApiKeys(accounts),
  members: new DynamoMembers(accounts),
  auditLog: new DynamoAuditLog(accounts),
  quarantine: new DynamoQuarantine(ledger),
  lags: new DynamoLags(ledger),
  busiest: new DynamoBusiest(table(readVariable('AGGREGATES_TABLE'))),
  dependencies: [
    tableDependency('accounts', accounts, 'pk and sk'),
    tableDependency('aggregates', table(readVariable('AGGREGATES_TABLE')), 'pk and sk'),
    tableDependency('claim logs', table(readVariable('CLAIM_LOGS_TABLE')), 'pk and sk'),
    tableDependency('identities', table(readVariable('IDENTITIES_TABLE')), 'pk'),
    tableDependency('ledger', ledger, 'pk and sk'),
    tableDependency('pages', table(readVariable('PAGES_TABLE')), 'pk and sk'),
    ...streamDependencies(
      {
        standard: readVariable('EVENT_STREAM'),
        priority: readOptionalVariable('PRIORITY_EVENT_STREAM'),
        late: readOptionalVariable('LATE_EVENT_STREAM'),
      },
      requestTimeouts,
    ),
  ],
  settling: new LambdaSettling(readVariable('SETTLE_FUNCTION')),
  clock: systemClock,
  random: systemRandom,
  logger,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(countFailures(metrics, 'manage', readVariable('AWS_LAMBDA_FUNCTION_VERSION')))
  .use(requestKeys(logger))
  .use(problemAnswers(logger))
  .handler(manage);
