// The two events that the gateway sends to functions, in AWS's form.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html

import { twinAccount } from '../../template/pseudo-parameters.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { matchesMediaType } from './media-types.ts';
import { requestContext } from './request-context.ts';
import type { Match } from './route-table.ts';

/** The authorizer's context; values are text, as API Gateway passes them on. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;
export type PresentedKey = { readonly apiKey: string; readonly apiKeyId: string };

export function methodArn({ apiId, stageName, httpMethod, path }: Exchange): string {
  const { region, accountId } = twinAccount;
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stageName}/${httpMethod}${path}`;
}

/** Where a proxy's event has null, the authorizer's has an empty object. */
export function authorizerEvent(exchange: Exchange, match: Match) {
  const parts = requestParts(exchange, match);
  return {
    type: 'REQUEST' as const,
    methodArn: methodArn(exchange),
    ...parts,
    queryStringParameters: parts.queryStringParameters ?? {},
    multiValueQueryStringParameters: parts.multiValueQueryStringParameters ?? {},
    pathParameters: parts.pathParameters ?? {},
    stageVariables: parts.stageVariables ?? {},
    requestContext: requestContext(exchange, match.method),
  };
}

export function proxyEvent(
  exchange: Exchange,
  match: Match,
  body: Buffer,
  binaryMediaTypes: readonly string[],
  authorizer: AuthorizerContext | undefined,
  key: PresentedKey | undefined,
) {
  const isBinary = matchesMediaType(
    headerOf(exchange, 'content-type') ?? 'application/json',
    binaryMediaTypes,
  );
  const isBase64Encoded = body.byteLength > 0 && isBinary;
  const context = requestContext(exchange, match.method);
  return {
    ...requestParts(exchange, match),
    requestContext: {
      ...context,
      ...(authorizer && { authorizer }),
      identity: { ...context.identity, ...key },
    },
    body: body.byteLength === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

function requestParts(exchange: Exchange, match: Match) {
  const { headers, query } = exchange;
  // The last value of a header or parameter that comes more than once stands for all of them.
  return {
    resource: match.method.resourcePath,
    path: exchange.path,
    httpMethod: exchange.httpMethod,
    headers: Object.fromEntries(headers),
    multiValueHeaders: grouped(headers),
    queryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.size === 0 ? null : grouped([...query]),
    pathParameters: match.pathParameters,
    stageVariables: exchange.stageVariables,
  };
}

function grouped(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, group]) => [name, group.map(([, value]) => value)]));
}
