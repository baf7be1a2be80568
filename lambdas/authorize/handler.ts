import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { DynamoAccounts } from '../../adapters/accounts/dynamodb-accounts.ts';
import { requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { requestPause } from '../../adapters/system/clock-and-random.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry } from '../runtime/telemetry.ts';
import { createAuthorize } from './authorize.ts';

const { logger } = createTelemetry('authorize');
const accounts = new DynamoAccounts({
  client: createDocumentClient(requestTimeouts),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: requestPause,
});

export const handler = middy<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>()
  .use(injectLambdaContext(logger))
  .handler(createAuthorize(accounts));
