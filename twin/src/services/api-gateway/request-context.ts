// The members of `requestContext` that every event has, which are the values of `$context` too.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html

import { twinAccount } from '../../template/pseudo-parameters.ts';
import { type Exchange, headerOf } from './exchange.ts';

type Resource = { readonly resourceId: string; readonly resourcePath: string };

/** `clientCert` is missing, as it is wherever a domain does not ask for mutual TLS. */
export function requestContext(exchange: Exchange, { resourceId, resourcePath }: Resource) {
  return {
    accountId: twinAccount.accountId,
    apiId: exchange.apiId,
    deploymentId: exchange.deploymentId,
    domainName: exchange.domainName,
    domainPrefix: exchange.domainName.split('.')[0] ?? '',
    extendedRequestId: exchange.extendedRequestId,
    httpMethod: exchange.httpMethod,
    identity: {
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: exchange.sourceIp,
      user: null,
      userAgent: headerOf(exchange, 'user-agent') ?? null,
      userArn: null,
    },
    path: `/${exchange.stageName}${exchange.path}`,
    protocol: 'HTTP/1.1',
    requestId: exchange.requestId,
    requestTime: exchange.receivedAtText,
    requestTimeEpoch: exchange.receivedAtMs,
    resourceId,
    resourcePath,
    stage: exchange.stageName,
  };
}
