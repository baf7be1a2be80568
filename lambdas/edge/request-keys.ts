// Adds the request id that the client sees, and the trace id, to every log line of a request.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { traceOf } from '../../domain/system/trace.ts';
import { type HttpAnswer, type HttpRequest, headerOf, requestIdOf } from './http.ts';

export const requestKeys = (logger: Logger): MiddlewareObj<HttpRequest, HttpAnswer> => ({
  before: ({ event }) => {
    const trace = traceOf((name) => headerOf(event, name));
    // The instance has served other requests before: their trace id must not stay.
    logger.removeKeys(['trace_id']);
    logger.appendKeys({ request_id: requestIdOf(event), ...(trace && { trace_id: trace.traceId }) });
  },
});
