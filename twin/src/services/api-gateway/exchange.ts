// One request as the gateway knows it: what came in, and what it was given (ids, times). Built once; every event and
// every gateway response is made from it.

import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { clientAddressHeader, clientAddressOf } from './client-address.ts';
import { reachesFunction } from './header-rules.ts';

type Header = readonly [name: string, value: string];

/** The stage that a request came to. */
export type ExchangeStage = {
  readonly apiId: string;
  readonly deploymentId: string;
  readonly stageName: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
};

export type Exchange = ExchangeStage & {
  readonly httpMethod: string;
  /** As sent, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** In the client's own case and order. */
  readonly headers: readonly Header[];
  /** The first value of each, by its name in lower case. */
  readonly firstValues: ReadonlyMap<string, string>;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  readonly domainName: string;
  readonly receivedAtMs: number;
  /** The same as `21/Nov/2026:05:00:36 +0000`. */
  readonly receivedAtText: string;
};

/** The gateway writes these itself, whatever the client sent. */
const writtenByGateway = new Set([
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  clientAddressHeader,
]);

export function openExchange(request: IncomingMessage, stage: ExchangeStage, nowMs: number): Exchange {
  const url = request.url ?? '/';
  const queryAt = url.indexOf('?');
  const given = headerPairs(request.rawHeaders);
  const headers = given.filter(
    ([name, value]) => reachesFunction(name, value) && !writtenByGateway.has(name.toLowerCase()),
  );
  const { domainName, port } = splitHost(request.headers.host ?? 'localhost');
  const sourceIp = clientAddressOf(request);
  // https://docs.aws.amazon.com/xray/latest/devguide/xray-services-apigateway.html: added where there is none.
  const traceId = valuesOf(given, 'x-amzn-trace-id')[0] ?? newTraceId(nowMs);
  headers.push(
    ['X-Amzn-Trace-Id', traceId],
    // The gateway appends the address that it saw itself.
    ['X-Forwarded-For', [...valuesOf(given, 'x-forwarded-for'), sourceIp].join(', ')],
    ['X-Forwarded-Port', port],
    ['X-Forwarded-Proto', 'http'],
  );
  return {
    apiId: stage.apiId,
    deploymentId: stage.deploymentId,
    stageName: stage.stageName,
    stageVariables: stage.stageVariables,
    httpMethod: request.method ?? 'GET',
    path: queryAt === -1 ? url : url.slice(0, queryAt),
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html: a semicolon splits.
    query: new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt).replaceAll(';', '&')),
    headers,
    firstValues: new Map(headers.map(([name, value]) => [name.toLowerCase(), value] as const).reverse()),
    sourceIp,
    requestId: requestIdFrom(valuesOf(given, 'x-amzn-requestid')[0]),
    extendedRequestId: `${randomBytes(9).toString('base64url')}=`,
    traceId,
    domainName,
    receivedAtMs: nowMs,
    receivedAtText: commonLogTime(nowMs),
  };
}

/** The first value of a header, whatever its case. The name is in lower case. */
export function headerOf(exchange: Exchange, name: string): string | undefined {
  return exchange.firstValues.get(name);
}

/** The text of a second, which many requests share. */
let latest = { second: Number.NaN, text: '' };

function commonLogTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== latest.second) {
    const [, day, month, year, time] = new Date(epochMs).toUTCString().split(' ');
    latest = { second, text: `${day}/${month}/${year}:${time} +0000` };
  }
  return latest.text;
}

/** An IPv6 address stays in its brackets, as in a URL. */
function splitHost(host: string): { readonly domainName: string; readonly port: string } {
  const [, domainName = host, port = '80'] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? [];
  return { domainName, port };
}

/**
 * Clients may choose it, as a UUID; any other is not taken.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
function requestIdFrom(chosen: string | undefined): string {
  const isUuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(chosen ?? '');
  return chosen !== undefined && isUuid ? chosen : randomUUID();
}

function newTraceId(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000).toString(16);
  return `Root=1-${seconds.padStart(8, '0')}-${randomBytes(12).toString('hex')}`;
}

function headerPairs(rawHeaders: readonly string[]): readonly Header[] {
  const pairs: Header[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}

function valuesOf(headers: readonly Header[], name: string): readonly string[] {
  return headers.filter(([given]) => given.toLowerCase() === name).map(([, value]) => value);
}
