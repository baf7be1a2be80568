// Every line of a request's log names the request as its client knows it, and its trace.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { traceOf } from '../../domain/system/trace.ts';
import { type HttpAnswer, type HttpRequest, headerOf, requestIdOf } from './http.ts';

export const requestKeys = (logger: Logger): MiddlewareObj<HttpRequest, HttpAnswer> => ({
  before: ({ event }) => {
    const trace = traceOf((name) => headerOf(event, name));
    // An instance serves one request after the other: the trace of the last one must not stay.
    logger.removeKeys(['trace_id']);
    logger.appendKeys({ request_id: requestIdOf(event), ...(trace && { trace_id: trace.traceId }) });
  },
});
