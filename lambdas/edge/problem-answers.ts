// The only place that turns an error into an HTTP status. The client sees the details of an error that it caused. Of an
// error on our side it sees only the request id, and the log has the details.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { answerProblem, type HttpAnswer, type HttpRequest, ProblemError } from './http.ts';

export const problemAnswers = (logger: Logger): MiddlewareObj<HttpRequest, HttpAnswer> => ({
  onError: (request) => {
    const { error, event } = request;
    if (error instanceof ProblemError) {
      request.response = answerProblem(event, error.code, error.extra, error.headers);
    } else if (error instanceof Unavailable) {
      logger.warn('a dependency is unavailable', errorFields(error));
      const { problem = 'unavailable', retryAfterSeconds } = error;
      const extra = retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds };
      request.response = answerProblem(event, problem, extra);
    } else {
      logger.error('the request failed', error as Error);
      request.response = answerProblem(event, 'internal');
    }
  },
});
