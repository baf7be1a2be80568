// Every problem that a client can get (RFC 9457), defined once: the functions and the gateway responses of the template
// use this table, and docs/guide/errors.md prints it. A code never changes. A detail says what the client can do, and
// nothing about the inside of the service.

import { routes } from './routes.ts';

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds until a retry can succeed. Absent if waiting does not help. */
  readonly retryAfter?: number;
};

const formats =
  'Send a JSON array of events or one event object as application/json, or one event per line as application/x-ndjson.';
const retrySafely =
  'Retry: an event with an event_id, or a request with an Idempotency-Key, counts once however often it is sent.';

export const problems = {
  invalid_json: {
    status: 400,
    title: 'Invalid JSON',
    detail: `The body is not valid JSON. ${formats}`,
  },
  empty_body: {
    status: 400,
    title: 'Empty body',
    detail: `The body is empty. ${formats}`,
  },
  invalid_gzip: {
    status: 400,
    title: 'Invalid gzip',
    detail:
      'The body starts like gzip data but cannot be decompressed. Check that all of it is sent, and compressed once.',
  },
  bad_request: {
    status: 400,
    title: 'Bad request',
    detail: 'The request is malformed. Check its path, headers and body.',
  },
  invalid_parameter: {
    status: 400,
    title: 'Invalid parameter',
    detail: 'A query parameter or a field of the body is unknown, missing or wrong: "parameter" names it.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid idempotency key',
    detail: 'Send one Idempotency-Key of 1-255 printable ASCII characters, such as a UUID.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    detail:
      'Send a valid API key as "x-api-key: <key>" or "Authorization: Bearer <key>", or as the user name of "Authorization: Basic"; or the token of a person as "Authorization: Bearer <token>".',
  },
  signature_required: {
    status: 401,
    title: 'Signature required',
    detail:
      'This account signs its requests. Send X-Weir-Timestamp, the current time in epoch milliseconds, and X-Weir-Signature, the HMAC-SHA-256 in hex of "<timestamp>.<body before compression>" under a signing secret of the account.',
  },
  signature_invalid: {
    status: 401,
    title: 'Invalid signature',
    detail:
      'X-Weir-Signature must be the HMAC-SHA-256, in 64 hex digits, of "<X-Weir-Timestamp>.<body before compression>" under a current signing secret of the account, and X-Weir-Timestamp an integer of epoch milliseconds. Sign the exact bytes that you send.',
  },
  signature_expired: {
    status: 401,
    title: 'Signature expired',
    detail:
      'X-Weir-Timestamp differs from the time of the server by more than 5 minutes. Correct your clock, sign with the current time in epoch milliseconds, and retry.',
  },
  signature_replayed: {
    status: 401,
    title: 'Signature already used',
    detail:
      'A signature is valid once. Sign each retry with its own time; event ids and Idempotency-Key make retries safe.',
  },
  missing_scope: {
    status: 403,
    title: 'Missing scope',
    detail: 'This API key does not have the scope that the route needs.',
  },
  public_key: {
    status: 403,
    title: 'Public key',
    detail:
      'This key is public: it can send events, and nothing else. Use a key without origins, and keep it on a server.',
  },
  origin_not_allowed: {
    status: 403,
    title: 'Origin not allowed',
    detail:
      'This key is public, and only sends from pages of its origins. Add the origin of this page to those of a new key, or send from a server with a key without origins.',
  },
  wrong_account: {
    status: 403,
    title: 'Wrong account',
    detail: 'The request names an account to which its API key, or its person, has no access.',
  },
  missing_role: {
    status: 403,
    title: 'Missing role',
    detail: 'The role of this person in the account does not allow the route.',
  },
  account_required: {
    status: 403,
    title: 'Account required',
    detail:
      'This person is a member of several accounts. Send the id of one of them in the header x-weir-account.',
  },
  not_a_member: {
    status: 403,
    title: 'Not a member',
    detail: 'This person is a member of no account. Ask an owner of the account, or the operator.',
  },
  invalid_environment: {
    status: 403,
    title: 'Invalid environment',
    detail:
      'The account has no environment of this name. Send the name of one that it has in the header x-weir-environment; without the header it is production.',
  },
  account_suspended: {
    status: 403,
    title: 'Account suspended',
    detail: 'This account is suspended. Ask the operator.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    detail: 'The gateway refused the request. A new API key can take some minutes to work.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: `No route has this method and path. The routes are ${routes.map(({ method, path }) => `${method} ${path}`).join(', ')}.`,
  },
  unknown_batch: {
    status: 404,
    title: 'Unknown batch',
    detail: 'No batch of this account and environment has this id, or its receipt has expired.',
  },
  unknown_event: {
    status: 404,
    title: 'Unknown event',
    detail: 'No event of this account and environment that is stored and counted has this id.',
  },
  unknown_key: {
    status: 404,
    title: 'Unknown key',
    detail: 'This account has no key with this id in the environment of the calling key.',
  },
  unknown_member: {
    status: 404,
    title: 'Unknown member',
    detail: 'No person of this name is a member of the account.',
  },
  not_in_quarantine: {
    status: 404,
    title: 'Not in quarantine',
    detail:
      'No record of this account and environment is in quarantine under this id: it was replayed or discarded before, or never was there. The receipt of its batch says what became of it.',
  },
  key_in_use: {
    status: 409,
    title: 'Key in use',
    detail:
      'The key would end within an hour of its last use: "last_used_at" and "last_used_by" say when and by which client. Move its clients to another key first, or end it all the same with ?force=true.',
  },
  key_not_live: {
    status: 409,
    title: 'Key not live',
    detail: 'The key has expired or is revoked, so that it cannot be rotated. Create another one.',
  },
  key_replaced: {
    status: 409,
    title: 'Key replaced',
    detail:
      'An earlier rotation has replaced the key by "replaced_by", and it ends at "ends_at". If nobody has the secret of that one, rotate that one with {"overlap":"0s"}.',
  },
  key_outlives_caller: {
    status: 409,
    title: 'Key outlives the caller',
    detail:
      'The calling key ends before this one, and so must what it makes. Rotate with a key that does not end, or as an owner.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many keys',
    detail:
      'In each environment, an account makes at most 100 keys that are live and not replaced, and 1,000 with those that ended. Revoke keys that no client uses, or ask the operator.',
  },
  last_owner: {
    status: 409,
    title: 'Last owner',
    detail:
      'The person is the only owner of the account, which keeps one: make somebody else an owner first. The operator can remove the last one.',
  },
  too_many_members: {
    status: 409,
    title: 'Too many members',
    detail: 'An account has at most 1,000 members. Remove one first.',
  },
  record_busy: {
    status: 409,
    title: 'Record busy',
    detail:
      'The record is being replayed already, by a schedule or another request. Look at it in some minutes.',
    retryAfter: 60,
  },
  replay_failed: {
    status: 409,
    title: 'Replay failed',
    detail:
      'The record could not be stored and stays in quarantine: "reason" says why. Nothing of it is lost. Ask the operator, or discard it.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'Request in flight',
    detail: 'A request with this Idempotency-Key is still in flight. Retry to get its answer.',
    retryAfter: 1,
  },
  batch_discarded: {
    status: 410,
    title: 'Batch discarded',
    detail:
      'The operator has discarded events of the batch that this Idempotency-Key names: "discarded" says how many. They are not stored. Send them again with a new key, half an hour or more after the discard.',
  },
  batch_too_large: {
    status: 413,
    title: 'Batch too large',
    detail: 'A batch holds at most 500 events and 512 KiB after decompression. Split it and send the parts.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail:
      'Send application/json or application/x-ndjson in UTF-8: uncompressed, or as one complete gzip stream with content-encoding: gzip.',
  },
  no_valid_event: {
    status: 422,
    title: 'No valid event',
    detail: 'No event of the batch was accepted. "rejected" gives the reason for each.',
  },
  not_all_valid: {
    status: 422,
    title: 'Not every event is valid',
    detail:
      'The whole batch was refused, as "Prefer: handling=strict" asks. "rejected" gives the reason for each invalid event.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    detail:
      'This Idempotency-Key was used for another body within the last 24 hours. Send this body with a new key.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail:
      'This account sends more than it may: requests, requests of this route, or events. Wait, then retry.',
    retryAfter: 1,
  },
  quota_exceeded: {
    status: 429,
    title: 'Quota exceeded',
    detail: 'This account has used its quota. Retry when the next period begins.',
    retryAfter: 3600,
  },
  circuit_open: {
    status: 429,
    title: 'Too many invalid requests',
    detail:
      'Nearly all requests of this account are invalid, so that none is read for a while. Mend the client: POST /v1/events:debug says what is wrong. Wait for "retry_after" seconds, then send a valid batch.',
    retryAfter: 5,
  },
  load_shed: {
    status: 429,
    title: 'Load shed',
    detail:
      'The service is behind with storing, and takes no more from accounts of this tier for a while. It is nothing that this account did. Keep the events and send them again after "retry_after" seconds.',
    retryAfter: 90,
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'The service failed. Retry; if it fails again, send the request_id to the operator.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    detail: `The service cannot handle this request right now. ${retrySafely}`,
    retryAfter: 2,
  },
  summary_not_ready: {
    status: 503,
    title: 'Summary not ready',
    detail:
      'The days that are asked for have more events than one request can sum up. Retry: each request prepares more of them.',
    retryAfter: 1,
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    detail: `The service receives more than it can take right now. Slow down. ${retrySafely}`,
    retryAfter: 2,
  },
  timeout: {
    status: 504,
    title: 'Timeout',
    detail: `The request took too long. ${retrySafely}`,
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

/** `extra` adds members such as `rejected`, and can replace `detail` by a more exact one. */
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
