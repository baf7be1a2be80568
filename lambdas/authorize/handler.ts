import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { requestPatience } from '../../adapters/client-options.ts';
import { DynamoAccounts } from '../../adapters/dynamodb/accounts.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { betweenRequestTries } from '../../adapters/system.ts';
import { readVariable } from '../shared/environment.ts';
import { createTelemetry } from '../shared/telemetry.ts';
import { createAuthorize } from './authorize.ts';

const { logger } = createTelemetry('authorize');
const accounts = new DynamoAccounts({
  client: createDocumentClient(requestPatience),
  name: readVariable('ACCOUNTS_TABLE'),
  pause: betweenRequestTries,
});

export const handler = middy<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>()
  .use(injectLambdaContext(logger))
  .handler(createAuthorize(accounts));
