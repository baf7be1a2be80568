// Answers to pages of other origins: a browser lets a page read only what names its origin. Secret keys get no such headers.

import type { MiddlewareObj } from '@middy/core';
import { fromContext, pageOf } from '../edge/caller.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';

const exposed = ['x-request-id', 'retry-after', 'idempotency-replayed', 'ratelimit', 'ratelimit-policy'];

export function corsHeaders(): MiddlewareObj<HttpRequest, HttpAnswer> {
  const add = ({
    event: request,
    response,
  }: {
    event: HttpRequest;
    response?: HttpAnswer | null | undefined;
  }) => {
    const page = response && pageOf(fromContext(request.requestContext.authorizer));
    if (!page) return;
    response.headers = {
      ...response.headers,
      'access-control-allow-origin': page.origin,
      'access-control-expose-headers': exposed.join(', '),
      vary: 'origin',
    };
  };
  return { after: add, onError: add };
}
