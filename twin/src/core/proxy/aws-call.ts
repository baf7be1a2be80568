// One call to AWS on its way through the proxy, and the steps it passes. A step may look at it, change it,
// answer it, or pass it on.

import type { IncomingHttpHeaders } from 'node:http';
import type { Engine } from '../engine-call.ts';

export type AwsRequest = {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type AwsCall = AwsRequest & {
  /** The function that calls, or `operator`. */
  readonly caller: string;
  /** The id of the execution environment, where a function calls. */
  readonly environment?: string;
  /** As in the credential scope: `dynamodb`, `kinesis`, `s3`, … */
  readonly service: string;
  readonly operation: string;
};

export type AwsAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  /** A rule of the fault plan made this answer; the caller does not see that. */
  readonly isInjected?: boolean;
};

/** Thrown by a step: the caller's connection is cut, and it does not learn what became of the call. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
  readonly isInjected: boolean;

  constructor(message?: string, { isInjected = false } = {}) {
    super(message);
    this.isInjected = isInjected;
  }
}

export type Next = (call: AwsCall) => Promise<AwsAnswer>;
export type Step = (call: AwsCall, next: Next) => Promise<AwsAnswer>;

/** Where the calls to a service end: at an engine, or at an answer of the twin's own. */
export type Destination = { readonly engine: Engine } | { readonly answer: Next };

/** The proxy, for what calls AWS from within the twin: through the same steps. `send` rejects with AnswerLost. */
export type AwsEntrance = { readonly url: string; readonly send: Next };

export function chain(steps: readonly Step[], last: Next): Next {
  return steps.reduceRight<Next>((next, step) => (call) => step(call, next), last);
}

export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** An error in the form that the JSON and REST protocols share. */
export function errorAnswer(status: number, code: string, message: string): AwsAnswer {
  return jsonAnswer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}
