// The access log: one line of JSON for each request. It has no headers, query or body, and names the route as declared
// rather than the path, so that no data of a tenant gets into the log. It names who called, key or person, because it is
// what tells who read the data of a tenant.

import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

const fields = {
  requestId: '$context.requestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  accountId: '$context.authorizer.account_id',
  environment: '$context.authorizer.environment',
  generation: '$context.authorizer.generation',
  keyId: '$context.authorizer.key_id',
  person: '$context.authorizer.person',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  responseLatencyMs: '$context.responseLatency',
  authorizerLatencyMs: '$context.authorizer.latency',
  integrationLatencyMs: '$context.integrationLatency',
  responseBytes: '$context.responseLength',
  authorizerError: '$context.authorizer.error',
  responseType: '$context.error.responseType',
};

// Numbers are quoted too: API Gateway writes "-" for a value that it does not have.
export const accessLogFormat = AccessLogFormat.custom(JSON.stringify(fields));
