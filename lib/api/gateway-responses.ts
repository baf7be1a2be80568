// What the API answers by itself, in the same shape as the answers of the functions. One table says which problem
// each of the gateway's response types is. Left out is REQUEST_TOO_LARGE (413), which cannot be customised.

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
  // An authorizer that throws is of the one type by what AWS writes, and of the other by what callers report.
  AUTHORIZER_CONFIGURATION_ERROR: 'unavailable',
  AUTHORIZER_FAILURE: 'unavailable',
  BAD_REQUEST_BODY: 'bad_request',
  BAD_REQUEST_PARAMETERS: 'bad_request',
  EXPIRED_TOKEN: 'unauthorized',
  INTEGRATION_FAILURE: 'unavailable',
  INTEGRATION_TIMEOUT: 'timeout',
  INVALID_API_KEY: 'forbidden',
  INVALID_SIGNATURE: 'unauthorized',
  // What the gateway calls a missing token is a path or a method that it does not have.
  MISSING_AUTHENTICATION_TOKEN: 'not_found',
  QUOTA_EXCEEDED: 'quota_exceeded',
  RESOURCE_NOT_FOUND: 'not_found',
  THROTTLED: 'rate_limited',
  UNAUTHORIZED: 'unauthorized',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  WAF_FILTERED: 'forbidden',
} as const satisfies Record<string, ProblemCode>;

/** For types that the table does not name. */
const fallbackProblems = { DEFAULT_4XX: 'bad_request', DEFAULT_5XX: 'internal' } as const;

const requestId = '$context.requestId';

export function addGatewayResponses(api: RestApi): void {
  for (const [type, code] of Object.entries(gatewayProblems)) {
    add(api, type, problemDocument(code, requestId), problems[code]);
  }
  for (const [type, code] of Object.entries(fallbackProblems)) {
    // A status here would become the status of every type that sets none, so it is neither set nor claimed.
    const { status: _, ...document } = problemDocument(code, requestId);
    add(api, type, document);
  }
  add(api, 'ACCESS_DENIED', deniedDocument(), { status: problems.forbidden.status });
}

/** The authorizer knows why it denied: its context brings the code and the texts. */
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
    // The key chooses the template by the caller's Accept header, and `application/json` serves those that match
    // none; the header says what the body is.
    templates: { 'application/json': JSON.stringify(document) },
    responseHeaders: {
      'content-type': `'${problemContentType}'`,
      'x-request-id': 'context.requestId',
      ...(problem?.retryAfter !== undefined && { 'retry-after': `'${problem.retryAfter}'` }),
    },
  });
}
