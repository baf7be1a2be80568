// How every AWS client of a function talks: HTTP/1.1 on kept connections (the Kinesis client would choose
// HTTP/2, which local engines do not speak, and a function has one request in flight at a time anyway), with
// time-outs and tries chosen for the latency that is promised rather than the SDK's timeouts.

import { NodeHttpHandler } from '@smithy/node-http-handler';

export type Timeouts = {
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
};

export const clientOptions = (timeouts: Timeouts) => ({
  maxAttempts: timeouts.maxAttempts,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: timeouts.connectTimeoutMs,
    requestTimeout: timeouts.requestTimeoutMs,
    throwOnRequestTimeout: true,
  }),
});

/** Where to, for an operator's tools; functions leave it to their environment. */
export type Connection = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** For a caller who waits for the answer. */
export const requestTimeouts: Timeouts = { connectTimeoutMs: 500, requestTimeoutMs: 2000, maxAttempts: 3 };
/** For work behind the stream. */
export const workTimeouts: Timeouts = { connectTimeoutMs: 1000, requestTimeoutMs: 5000, maxAttempts: 3 };
/** For what a request can do without: it must not use up the time of the request. */
export const optionalTimeouts: Timeouts = { connectTimeoutMs: 200, requestTimeoutMs: 500, maxAttempts: 2 };
