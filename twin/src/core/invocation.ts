// How services call the functions of the template, and how an invocation can fail.

export type InvokeOptions = {
  /** Made where the caller brings none. */
  readonly requestId?: string;
  /** Who calls. Where calls have to wait, they are taken from one caller after the other. */
  readonly caller?: string;
  /** Aborted once nobody waits for the answer: a call that has not begun then never does. */
  readonly signal?: AbortSignal;
  /** Told which version of the function runs, which an alias may leave to chance. */
  readonly onVersion?: (version: string) => void;
};

/** Waits for the answer. Rejects with FunctionFailed, TooManyRequests or PayloadTooLarge, or the reason of the signal. */
export type Invoker = {
  invoke(functionArn: string, event: unknown, options?: InvokeOptions): Promise<unknown>;
};

/** Invokes as Lambda does for an event: it returns at once, and retries and destinations are Lambda's. */
export type AsyncInvoker = { invoke(functionArn: string, event: unknown): void };

/** As Lambda reports a failed invocation. */
export type ErrorPayload = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
};

/** The function ran and failed: it threw, timed out, could not load, or ended its process. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
  readonly payload: ErrorPayload;
  constructor(label: string, payload: ErrorPayload) {
    super(`${label}: ${payload.errorType}: ${payload.errorMessage}`);
    this.payload = payload;
  }
}

/** What an invocation fails with that the end of the twin cut short: no fault of the function. */
export const twinStopping: ErrorPayload = {
  errorType: 'Sandbox.Ended',
  errorMessage: 'The twin is stopping',
  trace: [],
};

/** Every environment that the function may have is busy: Lambda's throttle. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  constructor(label: string, environments: number) {
    super(`${label}: no environment is free, of ${environments}.`);
  }
}

export class PayloadTooLarge extends Error {
  override readonly name = 'PayloadTooLarge';
  constructor(label: string, bytes: number) {
    super(`${label}: a payload of ${bytes} bytes is over Lambda's 6 MB.`);
  }
}
