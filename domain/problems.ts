// Every error that a client can meet, once (RFC 9457). Functions answer with these, and the template's
// gateway responses are made from the same table. Texts say what to do and nothing about the inside.

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds after which it is worth trying again; absent where waiting does not help. */
  readonly retryAfter?: number;
};

export const problems = {
  invalid_json: {
    status: 400,
    title: 'Not JSON',
    detail: 'The body could not be read as JSON. Send a JSON array of events or one event object.',
  },
  bad_request: { status: 400, title: 'Bad request', detail: 'The request could not be understood.' },
  invalid_window: {
    status: 400,
    title: 'Invalid window',
    detail: 'Use window=1h, 24h, 7d or 30d. Other bounds (from, to) are not served yet.',
  },
  idempotency_key_not_served: {
    status: 400,
    title: 'Idempotency keys are not served yet',
    detail: 'Leave the header out and give each event an event_id: that makes sending again safe.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    detail: 'Send a valid key as "x-api-key: <key>" or "Authorization: Bearer <key>".',
  },
  missing_scope: {
    status: 403,
    title: 'Missing scope',
    detail: 'This key does not carry the scope that the route needs.',
  },
  wrong_account: {
    status: 403,
    title: 'Another account',
    detail: 'This key belongs to another account than the one in the path.',
  },
  account_suspended: {
    status: 403,
    title: 'Account suspended',
    detail: 'This account is suspended. Ask the operator.',
  },
  forbidden: { status: 403, title: 'Forbidden', detail: 'The request was refused.' },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this address. See the list of routes in the documentation.',
  },
  unknown_batch: {
    status: 404,
    title: 'Unknown batch',
    detail: 'No batch of this account and environment has this id.',
  },
  batch_too_large: {
    status: 413,
    title: 'Batch too large',
    detail: 'A batch holds at most 500 events and 512 KiB. Split it and send the parts.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send the body as application/json, without content encoding.',
  },
  no_valid_event: {
    status: 422,
    title: 'No valid event',
    detail: 'No event of the batch was accepted; "rejected" names the reason of each.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'The request rate of this account is used up. Wait and send again.',
    retryAfter: 1,
  },
  quota_exceeded: {
    status: 429,
    title: 'Quota exceeded',
    detail: 'The quota of this account is used up until the period ends.',
    retryAfter: 3600,
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something failed on our side. Send the request again; quote request_id if it stays.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    detail: 'The service cannot take this request right now. Send it again; event ids make that safe.',
    retryAfter: 2,
  },
  timeout: {
    status: 504,
    title: 'Timed out',
    detail: 'The request was not done in time. Send it again; event ids make that safe.',
    retryAfter: 2,
  },
} as const satisfies Record<string, Problem>;

export type ProblemCode = keyof typeof problems;

export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly request_id: string;
  readonly retry_after?: number;
};

export const problemContentType = 'application/problem+json';

/** `extra` adds members (such as `rejected`); `detail` may be made more exact than the table's. */
export function problemDocument(
  code: ProblemCode,
  requestId: string,
  extra: Readonly<Record<string, unknown>> = {},
): ProblemDocument {
  const problem: Problem = problems[code];
  return {
    type: `urn:weir:problem:${code}`,
    title: problem.title,
    status: problem.status,
    detail: problem.detail,
    code,
    request_id: requestId,
    ...(problem.retryAfter === undefined ? {} : { retry_after: problem.retryAfter }),
    ...extra,
  };
}
