// The options of every AWS client: HTTP/1.1 with keep-alive, and timeouts and attempts that fit the promised latency.
// The Kinesis client would choose HTTP/2, which local engines do not speak, and a function has one request in flight
// anyway.

import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** The timeouts of one attempt, and how many attempts the SDK makes. */
export type Timeouts = {
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxAttempts: number;
};

const nothing = () => {};
/**
 * Logs nothing, as the SDK's own does. It has no `info`: for that, the SDK would copy the input and the output of each call,
 * without what is sensitive.
 */
const silent = { debug: nothing, warn: nothing, error: nothing } as unknown as NonNullable<
  DynamoDBClientConfig['logger']
>;

export const clientOptions = (timeouts: Timeouts) => ({
  logger: silent,
  maxAttempts: timeouts.maxAttempts,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: timeouts.connectTimeoutMs,
    requestTimeout: timeouts.requestTimeoutMs,
    throwOnRequestTimeout: true,
  }),
});

/** The endpoint, region and credentials of an operator's tools. Functions take them from their environment. */
export type Connection = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** For calls that a client waits for. */
export const requestTimeouts: Timeouts = { connectTimeoutMs: 500, requestTimeoutMs: 2000, maxAttempts: 3 };
/** For the call by which authorize judges a request: both attempts must end before authorize is timed out. */
export const authorizeTimeouts: Timeouts = { connectTimeoutMs: 300, requestTimeoutMs: 1000, maxAttempts: 2 };
/** For calls that no client waits for. */
export const workTimeouts: Timeouts = { connectTimeoutMs: 1000, requestTimeoutMs: 5000, maxAttempts: 3 };
/** For calls that a request can do without: they must leave it most of its time. */
export const optionalTimeouts: Timeouts = { connectTimeoutMs: 200, requestTimeoutMs: 500, maxAttempts: 2 };
