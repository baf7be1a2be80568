// One line of JSON for each request: who, what, how it ended and how long it took. No header, no query, no body,
// and the route as it was declared, so that no tenant's data gets into the log.

import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

const fields = {
  requestId: '$context.requestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  accountId: '$context.authorizer.account_id',
  keyId: '$context.authorizer.key_id',
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

// All values are quoted: the gateway writes "-" for what it does not have, which is no number.
export const accessLogFormat = AccessLogFormat.custom(JSON.stringify(fields));
