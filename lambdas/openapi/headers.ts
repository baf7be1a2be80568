// The headers that requests may carry and answers have, by name. An answer with a header that is missing here fails tests.

type JsonSchema = Readonly<Record<string, unknown>>;
type Header = {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly example: string | number;
};

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;

export const requestHeaders = {
  'content-encoding': {
    description: 'How the body is compressed. Absent: it is not.',
    schema: { type: 'string', enum: ['gzip', 'identity'] },
    example: 'identity',
  },
  prefer: {
    description: '`handling=strict`: one invalid event refuses the whole batch.',
    schema: text,
    example: 'handling=strict',
  },
  'idempotency-key': {
    description:
      '1-255 printable ASCII characters, such as a UUID. The same key with the same body gets the first answer again, for 24 hours.',
    schema: { type: 'string', pattern: '^[!-~]([ -~]{0,253}[!-~])?$' },
    example: '0f7c7f0e-8f2f-4c8e-9d3f-3d6a5a3f1b52',
  },
  'x-idempotency-key': {
    description: 'Another name for `idempotency-key`.',
    schema: { type: 'string', pattern: '^[!-~]([ -~]{0,253}[!-~])?$' },
    example: '0f7c7f0e-8f2f-4c8e-9d3f-3d6a5a3f1b52',
  },
  'x-weir-sent-at': {
    description:
      'What the clock of the client shows: epoch milliseconds, or RFC 3339. If it is more than 10 seconds wrong, timestamps are corrected.',
    schema: text,
    example: '1795273728000',
  },
  'x-weir-timestamp': {
    description: 'For accounts that sign their requests: the current time in epoch milliseconds.',
    schema: text,
    example: '1795273728000',
  },
  'x-weir-signature': {
    description:
      'For accounts that sign their requests: HMAC-SHA-256, in hex, of the timestamp, a dot and the body before compression.',
    schema: text,
    example: '5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  },
  traceparent: {
    description: 'The trace that the request belongs to (W3C Trace Context).',
    schema: text,
    example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  'x-weir-account': {
    description:
      'For people: the account that the request is about. Needed by a member of several accounts, where the path names none.',
    schema: text,
    example: 'demo',
  },
  'x-weir-environment': {
    description: 'For people: the environment that the request is about. Absent: `production`.',
    schema: text,
    example: 'production',
  },
  'cache-control': {
    description: '`no-cache`, or `max-age` in seconds: how old the answer may be at most.',
    schema: text,
    example: 'max-age=60',
  },
  'if-none-match': {
    description:
      'The `etag` of an earlier answer. If it is still the same, the answer is a 304 without a body.',
    schema: text,
    example: '"qL8f0Xf3aJkz1mN5"',
  },
} as const satisfies Readonly<Record<string, Header>>;
export type RequestHeader = keyof typeof requestHeaders;

/** For clients that do not read the body of an answer. */
export const receiptHeaderNames = ['x-weir-receipt', 'x-weir-accepted', 'x-weir-rejected'] as const;

export const responseHeaders = {
  'x-weir-receipt': {
    description: 'The path of the receipt of the batch.',
    schema: text,
    example: '/v1/batches/AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd',
  },
  'x-weir-accepted': { description: 'How many events were accepted.', schema: count, example: 2 },
  'x-weir-rejected': { description: 'How many were not.', schema: count, example: 0 },
  'x-request-id': {
    description: 'The id of the request. Quote it when you ask for help.',
    schema: text,
    example: '6f1d1c2e-3b1d-4a52-9a52-0f0b7d0c9c11',
  },
  location: {
    description: 'Where the answer is, relative to the address that was asked.',
    schema: text,
    example: 'v1/health',
  },
  'retry-after': {
    description: 'How many seconds to wait before the request is sent again.',
    schema: count,
    example: 1,
  },
  'RateLimit-Policy': {
    description: 'The limits that hold, each with its quota and its window in seconds (IETF draft 10).',
    schema: text,
    example: '"events";q=60000;w=60',
  },
  RateLimit: {
    description: 'What is left of each limit, and in how many seconds all of it is back.',
    schema: text,
    example: '"events";r=58000;t=0',
  },
  'X-RateLimit-Limit': {
    description: 'The first limit of `RateLimit-Policy`.',
    schema: count,
    example: 60000,
  },
  'X-RateLimit-Remaining': { description: 'What is left of it.', schema: count, example: 58000 },
  'X-RateLimit-Reset': {
    description: 'When all of it is back, in Unix seconds.',
    schema: count,
    example: 1795273730,
  },
  'idempotency-replayed': {
    description: '`true`: this is the answer to an earlier request with the same idempotency key.',
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
  'preference-applied': {
    description: 'The preference that was applied.',
    schema: { type: 'string', enum: ['handling=strict'] },
    example: 'handling=strict',
  },
  'cache-control': {
    description: 'By whom and how long the answer may be kept: `no-store` where it can hold a secret.',
    schema: text,
    example: 'no-store',
  },
  'x-weir-age': {
    description: 'For how many seconds the answer has been kept.',
    schema: count,
    example: 0,
  },
  etag: {
    description: 'Names this version of the answer.',
    schema: text,
    example: '"qL8f0Xf3aJkz1mN5"',
  },
} as const satisfies Readonly<Record<string, Header>>;
export type ResponseHeader = keyof typeof responseHeaders;

/** How the account stands. */
export const limitHeaderNames = [
  'RateLimit-Policy',
  'RateLimit',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
] as const satisfies readonly ResponseHeader[];
