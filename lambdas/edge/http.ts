// HTTP requests and answers of the functions behind API Gateway. An answer is JSON, CSV or a problem document, and always
// carries the request id.

import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type ProblemCode, problemContentType, problemDocument } from '../../domain/api/problems.ts';

export type HttpRequest = APIGatewayProxyEvent;
export type HttpAnswer = APIGatewayProxyResult;

/** The client sent something wrong. `extra` is added to the problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  constructor(code: ProblemCode, extra: Readonly<Record<string, unknown>> = {}, headers: Headers = {}) {
    super(code);
    this.headers = headers;
    this.code = code;
    this.extra = extra;
  }
}

export const requestIdOf = (request: HttpRequest): string => request.requestContext.requestId;

export type Headers = Readonly<Record<string, string>>;

export const jsonType = 'application/json';
export const csvType = 'text/csv; charset=utf-8';

/** Of an answer that is a text already. */
export const answerText = (
  request: HttpRequest,
  contentType: typeof jsonType | typeof csvType,
  body: string,
  headers: Headers = {},
): HttpAnswer => ({
  statusCode: 200,
  headers: { 'content-type': contentType, 'x-request-id': requestIdOf(request), ...headers },
  body,
});

export const answerJson = (
  request: HttpRequest,
  statusCode: number,
  body: unknown,
  headers: Headers = {},
): HttpAnswer => ({ ...answerText(request, jsonType, JSON.stringify(body), headers), statusCode });

export function answerProblem(
  request: HttpRequest,
  code: ProblemCode,
  extra?: Readonly<Record<string, unknown>>,
  headers: Headers = {},
): HttpAnswer {
  const document = problemDocument(code, requestIdOf(request), extra);
  return {
    statusCode: document.status,
    headers: {
      'content-type': problemContentType,
      'x-request-id': requestIdOf(request),
      ...(document.retry_after === undefined ? {} : { 'retry-after': String(document.retry_after) }),
      ...headers,
    },
    body: JSON.stringify(document),
  };
}

/** All values of a header that may be sent in several lines. `headers` would hold only the last line. */
export function headerValues(
  request: Pick<HttpRequest, 'headers' | 'multiValueHeaders'>,
  name: string,
): readonly string[] {
  const wanted = name.toLowerCase();
  const lines = Object.entries(request.multiValueHeaders ?? {}).filter(
    ([key]) => key.toLowerCase() === wanted,
  );
  if (lines.length > 0) return lines.flatMap(([, values]) => values ?? []);
  const value = headerOf(request, name);
  return value === undefined ? [] : [value];
}

/** Ignores case: a REST API passes header names on as the client wrote them. */
export function headerOf(request: Pick<HttpRequest, 'headers'>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(request.headers ?? {}).find(([key]) => key.toLowerCase() === wanted);
  return found?.[1];
}
