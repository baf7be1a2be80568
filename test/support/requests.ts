// Requests as API Gateway passes them to a function.

import { tiers } from '../../domain/accounts/tiers.ts';
import { type Caller, limitsOf, toContext } from '../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../lambdas/edge/http.ts';

/** Those of the tier standard. */
export const callerLimits = { ...limitsOf(tiers.standard), limitsMode: 'enforce' } as const;

export const caller: Caller = {
  tenant: { account: 'acme', environment: 'production', generation: 0 },
  keyId: 'abcdefabcdef',
  scopes: ['ingest', 'read'],
  tier: 'standard',
  stream: 'standard',
  slots: [0],
  mostSlots: 1,
  retentionDays: 30,
  ...callerLimits,
};

export type RequestParts = {
  readonly method?: string;
  readonly resource?: string;
  readonly headers?: Record<string, string>;
  /** Only needed if a header has several lines. */
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly caller?: Caller;
  /** When API Gateway received the request, by its clock. */
  readonly takenAtMs?: number;
};

export function httpRequest(parts: RequestParts = {}): HttpRequest {
  const request = {
    resource: parts.resource ?? '/v1/events',
    path: parts.resource ?? '/v1/events',
    httpMethod: parts.method ?? 'POST',
    headers: parts.headers ?? { 'Content-Type': 'application/json' },
    multiValueHeaders: parts.multiValueHeaders ?? null,
    pathParameters: parts.path ?? null,
    queryStringParameters: parts.query ?? null,
    multiValueQueryStringParameters: parts.query
      ? Object.fromEntries(Object.entries(parts.query).map(([name, value]) => [name, [value]]))
      : null,
    body: parts.body ?? null,
    isBase64Encoded: parts.isBase64Encoded ?? false,
    requestContext: {
      requestId: 'request-1',
      requestTimeEpoch: parts.takenAtMs,
      authorizer: toContext(parts.caller ?? caller),
    },
  };
  return request as unknown as HttpRequest;
}
