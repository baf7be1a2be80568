// The middleware at the edge: it alone turns what was thrown into a status. What a client caused is told in
// full; what failed on our side goes to the log in full and to the client as a request id.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { answerProblem, type HttpAnswer, type HttpRequest, ProblemError } from './http.ts';

export const problemAnswers = (logger: Logger): MiddlewareObj<HttpRequest, HttpAnswer> => ({
  onError: (request) => {
    const { error, event } = request;
    if (error instanceof ProblemError) {
      request.response = answerProblem(event, error.code, error.extra);
    } else if (error instanceof Unavailable) {
      logger.warn('a dependency is unavailable', error);
      const { problem = 'unavailable', retryAfterSeconds } = error;
      const wait = retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds };
      request.response = answerProblem(event, problem, wait);
    } else {
      logger.error('the request failed', error as Error);
      request.response = answerProblem(event, 'internal');
    }
  },
});
