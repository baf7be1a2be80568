// The two events that the gateway sends to functions, in AWS's form.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html

import { twinAccount } from '../template/pseudo-parameters.ts';
import { type Exchange, headerOf, requestContext } from './exchange.ts';
import { matchesMediaType } from './media-types.ts';
import type { Match } from './route-table.ts';

/** What the authorizer said of the caller; values are text, as API Gateway passes them on. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;
export type PresentedKey = { readonly apiKey: string; readonly apiKeyId: string };

export function methodArn({ apiId, stageName, httpMethod, path }: Exchange): string {
  const { region, accountId } = twinAccount;
  return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stageName}/${httpMethod}${path}`;
}

export function authorizerEvent(exchange: Exchange, match: Match) {
  return {
    type: 'REQUEST',
    methodArn: methodArn(exchange),
    ...requestParts(exchange, match),
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
  return {
    resource: match.method.resourcePath,
    path: exchange.path,
    httpMethod: exchange.httpMethod,
    headers: Object.fromEntries(headers),
    multiValueHeaders: grouped(headers),
    queryStringParameters: query.size === 0 ? null : Object.fromEntries(query),
    multiValueQueryStringParameters: query.size === 0 ? null : grouped([...query]),
    pathParameters: match.pathParameters,
    stageVariables: null,
  };
}

function grouped(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> {
  const groups: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    groups[name] ??= [];
    groups[name].push(value);
  }
  return groups;
}
