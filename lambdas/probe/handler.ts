import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoProbeKey } from '../../adapters/accounts/dynamodb-api-keys.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { systemClock, systemPause, systemRandom, workPause } from '../../adapters/system/clock-and-random.ts';
import { HttpsDoor } from '../../adapters/system/https-door.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { createProbe } from './probe.ts';
import { takeKey } from './take-key.ts';

const { logger, metrics, meter } = createTelemetry('probe');
const table = {
  client: createDocumentClient(workTimeouts),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: workPause,
};
const planKey = readVariable('PLAN_KEY');
const probe = createProbe({
  door: new HttpsDoor(readVariable('API_URL')),
  takeKey: () =>
    takeKey({
      accounts: new DynamoAccounts(table),
      keys: new DynamoProbeKey(table),
      auditor: { actor: { who: 'probe', from: 'probe' }, random: systemRandom },
      clock: systemClock,
      planKey,
    }),
  clock: systemClock,
  pause: systemPause({ firstMs: 500, maxMs: 1000 }),
  meter,
  logger,
});

export const handler = middy<unknown, void>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler(probe);
