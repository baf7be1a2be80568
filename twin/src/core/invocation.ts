// How an invocation can fail, as its callers have to tell the cases apart.

import type { ErrorPayload } from '../services/lambda/messages.ts';

/** The function ran and failed: it threw, timed out, could not load, or ended its process. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
  readonly payload: ErrorPayload;
  constructor(label: string, payload: ErrorPayload) {
    super(`${label}: ${payload.errorType}: ${payload.errorMessage}`);
    this.payload = payload;
  }
}

/** Of an invocation that the end of the twin cut short: no fault of the function. */
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
