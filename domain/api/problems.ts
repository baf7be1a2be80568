// Every error that a client can meet, once (RFC 9457). Functions answer with these, and the template's
// gateway responses are made from the same table. Texts say what to do and nothing about the inside.

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds after which it is worth trying again; absent where waiting does not help. */
  readonly retryAfter?: number;
};

const forms =
  'Send a JSON array of events, one event object, or one event a line with content-type application/x-ndjson.';
const sendAgain =
  'Send it again: events with an event_id, and requests with an Idempotency-Key, count once however often they come.';

export const problems = {
  invalid_json: {
    status: 400,
    title: 'Not JSON',
    detail: `The body could not be read as JSON. ${forms}`,
  },
  empty_body: {
    status: 400,
    title: 'Empty body',
    detail: `There is nothing in the body. ${forms}`,
  },
  invalid_gzip: {
    status: 400,
    title: 'Not gzip',
    detail: 'The body begins as gzip does and cannot be decompressed. Was all of it sent?',
  },
  bad_request: { status: 400, title: 'Bad request', detail: 'The request could not be understood.' },
  invalid_window: {
    status: 400,
    title: 'Invalid window',
    detail: 'Use window=1h, 24h, 7d or 30d. Other bounds (from, to) are not served yet.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid idempotency key',
    detail: 'Idempotency-Key is 1-255 printable ASCII characters, such as a UUID.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    detail: 'Send a valid key as "x-api-key: <key>" or "Authorization: Bearer <key>".',
  },
  signature_required: {
    status: 401,
    title: 'Signature required',
    detail:
      'Requests of this account have to be signed. Send X-Weir-Timestamp, the present time in epoch milliseconds, and X-Weir-Signature, the HMAC-SHA-256 in hex of "<timestamp>.<body before compression>" under a signing secret of the account.',
  },
  signature_invalid: {
    status: 401,
    title: 'Invalid signature',
    detail:
      'X-Weir-Signature has to be the HMAC-SHA-256, in 64 hex digits, of "<X-Weir-Timestamp>.<body before compression>" under a signing secret that the account still has: sign the very bytes that you send. X-Weir-Timestamp is an integer: epoch milliseconds.',
  },
  signature_expired: {
    status: 401,
    title: 'Signature expired',
    detail:
      'X-Weir-Timestamp is more than 5 minutes from our clock. Set your clock, sign with the present time in epoch milliseconds, and send again.',
  },
  signature_replayed: {
    status: 401,
    title: 'Signature used before',
    detail:
      'Each signature is good once. Sign each try anew, with the present time; event ids and Idempotency-Key make trying again safe.',
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
    detail: 'There is nothing at this address for this method. See the list of routes in the documentation.',
  },
  unknown_batch: {
    status: 404,
    title: 'Unknown batch',
    detail: 'No batch of this account and environment has this id.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'Still in flight',
    detail: 'A request with this Idempotency-Key is being worked on. Send it again for its answer.',
    retryAfter: 1,
  },
  batch_too_large: {
    status: 413,
    title: 'Batch too large',
    detail: 'A batch holds at most 500 events and 512 KiB, decompressed. Split it and send the parts.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail:
      'Send the body as application/json or application/x-ndjson in UTF-8, plain or with content-encoding gzip; then it ' +
      'has to be one complete gzip stream.',
  },
  no_valid_event: {
    status: 422,
    title: 'No valid event',
    detail: 'No event of the batch was accepted; "rejected" names the reason of each.',
  },
  not_all_valid: {
    status: 422,
    title: 'Not every event is valid',
    detail:
      'The batch was refused as a whole, as "Prefer: handling=strict" asks for; "rejected" names the reason of each ' +
      'invalid event.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key used for another body',
    detail:
      'This Idempotency-Key stands for another body for 24 hours. Send this one under a key of its own.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'The request rate of this account, or its share for this route, is used up. Wait and send again.',
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
    detail: `The service cannot take this request right now. ${sendAgain}`,
    retryAfter: 2,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: `More arrives than can be taken right now. Slow down. ${sendAgain}`,
    retryAfter: 2,
  },
  circuit_open: {
    status: 503,
    title: 'Not taking events for a moment',
    detail: `Events cannot be stored right now. Wait for "retry_after" seconds. ${sendAgain}`,
    retryAfter: 1,
  },
  timeout: {
    status: 504,
    title: 'Timed out',
    detail: `The request was not done in time. ${sendAgain}`,
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
