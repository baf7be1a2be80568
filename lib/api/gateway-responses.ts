// The answers that API Gateway gives by itself, as problem documents like those of the functions. One table maps each of
// its response types to a problem. REQUEST_TOO_LARGE (413) is missing because it cannot be customised.

import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  type Problem,
  type ProblemCode,
  problemContentType,
  problemDocument,
  problems,
} from '../../domain/api/problems.ts';

const gatewayProblems = {
  API_CONFIGURATION_ERROR: 'internal',
  // An authorizer that throws: the AWS documentation says the first type, users report the second.
  AUTHORIZER_CONFIGURATION_ERROR: 'unavailable',
  AUTHORIZER_FAILURE: 'unavailable',
  BAD_REQUEST_BODY: 'bad_request',
  BAD_REQUEST_PARAMETERS: 'bad_request',
  EXPIRED_TOKEN: 'unauthorized',
  INTEGRATION_FAILURE: 'unavailable',
  INTEGRATION_TIMEOUT: 'timeout',
  INVALID_API_KEY: 'forbidden',
  INVALID_SIGNATURE: 'unauthorized',
  // API Gateway uses this type for a path or method that does not exist.
  MISSING_AUTHENTICATION_TOKEN: 'not_found',
  QUOTA_EXCEEDED: 'quota_exceeded',
  RESOURCE_NOT_FOUND: 'not_found',
  THROTTLED: 'rate_limited',
  UNAUTHORIZED: 'unauthorized',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  WAF_FILTERED: 'forbidden',
} as const satisfies Record<string, ProblemCode>;

/** For response types that are not in the table. */
const fallbackProblems = { DEFAULT_4XX: 'bad_request', DEFAULT_5XX: 'internal' } as const;

const requestId = '$context.requestId';

export function addGatewayResponses(api: RestApi): void {
  for (const [type, code] of Object.entries(gatewayProblems)) {
    add(api, type, problemDocument(code, requestId), problems[code]);
  }
  for (const [type, code] of Object.entries(fallbackProblems)) {
    // A status here would become the status of every type that sets none.
    const { status: _, ...document } = problemDocument(code, requestId);
    add(api, type, document);
  }
  add(api, 'ACCESS_DENIED', deniedDocument(), { status: problems.forbidden.status });
}

/** The code, title and detail come from the context of the authorizer, which knows why it denied. */
function deniedDocument(): object {
  return {
    ...problemDocument('forbidden', requestId),
    type: 'urn:weir:problem:$context.authorizer.code',
    title: '$context.authorizer.title',
    detail: '$context.authorizer.detail',
    code: '$context.authorizer.code',
  };
}

function add(
  api: RestApi,
  type: string,
  document: object,
  problem?: Pick<Problem, 'status' | 'retryAfter'>,
): void {
  api.addGatewayResponse(type, {
    type: ResponseType.of(type),
    ...(problem && { statusCode: String(problem.status) }),
    // API Gateway chooses a template by the Accept header, and falls back to `application/json`. The content type of the
    // answer is set by the response header below.
    templates: { 'application/json': JSON.stringify(document) },
    responseHeaders: {
      'content-type': `'${problemContentType}'`,
      'x-request-id': 'context.requestId',
      // They hold no data, and a page that was refused may read why.
      'access-control-allow-origin': "'*'",
      'access-control-expose-headers': "'x-request-id, retry-after'",
      ...(problem?.retryAfter !== undefined && { 'retry-after': `'${problem.retryAfter}'` }),
    },
  });
}
