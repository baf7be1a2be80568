// One request as the gateway knows it: what came in, what it was given (ids, times), and the values that
// `$context` stands for. Built once; every event and every gateway response is made from it.

import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { twinAccount } from '../template/pseudo-parameters.ts';
import type { ApiDefinition } from './api-definition.ts';

export type Exchange = {
  readonly apiId: string;
  readonly stageName: string;
  readonly httpMethod: string;
  /** As sent, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** In the client's own case and order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly sourceIp: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly domainName: string;
  readonly receivedAtMs: number;
};

/** The gateway keeps these to itself. */
const notPassedOn = new Set([
  'connection',
  'content-length',
  'expect',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function openExchange(request: IncomingMessage, api: ApiDefinition, nowMs: number): Exchange {
  const url = request.url ?? '/';
  const queryAt = url.indexOf('?');
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  const domainName = request.headers.host ?? 'localhost';
  const traceId = `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
  return {
    apiId: api.apiId,
    stageName: api.stageName,
    httpMethod: request.method ?? 'GET',
    path: queryAt === -1 ? url : url.slice(0, queryAt),
    query: new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt)),
    headers: [
      ...headerPairs(request.rawHeaders).filter(([name]) => !notPassedOn.has(name.toLowerCase())),
      ['X-Amzn-Trace-Id', traceId],
      ['X-Forwarded-For', sourceIp],
      ['X-Forwarded-Port', domainName.split(':')[1] ?? '80'],
      ['X-Forwarded-Proto', 'http'],
    ],
    sourceIp,
    requestId: randomUUID(),
    extendedRequestId: `${randomBytes(9).toString('base64url')}=`,
    domainName,
    receivedAtMs: nowMs,
  };
}

/** The first value of a header, whatever its case. */
export function headerOf(exchange: Exchange, name: string): string | undefined {
  return exchange.headers.find(([given]) => given.toLowerCase() === name)?.[1];
}

/** The members of `requestContext` that every event has. */
export function requestContext(
  exchange: Exchange,
  route: { readonly resourceId: string; readonly resourcePath: string },
) {
  return {
    accountId: twinAccount.accountId,
    apiId: exchange.apiId,
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
    requestTime: commonLogTime(exchange.receivedAtMs),
    requestTimeEpoch: exchange.receivedAtMs,
    resourceId: route.resourceId,
    resourcePath: route.resourcePath,
    stage: exchange.stageName,
  };
}

function headerPairs(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}

/** `21/Nov/2026:05:00:36 +0000` */
function commonLogTime(epochMs: number): string {
  const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
