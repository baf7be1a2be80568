// The messages between an execution environment and its worker.

import type { ErrorPayload } from '../../core/invocation.ts';

export type WorkerSettings = {
  readonly codeFolder: string;
  readonly handler: string;
  /** The folder that Node was given as NODE_COMPILE_CACHE, which the function does not see. */
  readonly compileCache: string | undefined;
  /** What takes all that is printed. */
  readonly logPath: string;
  /** The memory that the twin's clock shares with all threads. */
  readonly clock: SharedArrayBuffer;
};

/** The part of Lambda's context that can be sent; the worker adds the functions. */
export type ContextFields = {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
};

export type InvokeMessage = {
  readonly event: string;
  readonly context: ContextFields;
  /** By the elapsed time of the twin's clock. */
  readonly deadlineMs: number;
  readonly traceId: string;
};

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-failed'; readonly error: ErrorPayload }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'threw'; readonly error: ErrorPayload }
  | { readonly kind: 'log-lost'; readonly problem: string };
