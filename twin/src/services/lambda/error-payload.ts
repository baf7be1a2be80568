// What was thrown, in the form of Lambda's own runtime: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client

import type { ErrorPayload } from '../../core/invocation.ts';

/** Takes anything that can be thrown, and never throws itself. */
export function toPayload(thrown: unknown): ErrorPayload {
  try {
    if (!(thrown instanceof Error))
      return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
    const { name, message, stack } = thrown;
    const trace = stack === undefined ? [] : text(stack).split('\n');
    return { errorType: text(name), errorMessage: text(message), trace };
  } catch {
    return unreadable;
  }
}

/** An error that was thrown may have anything here, whatever its type says. */
function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
}

const unreadable: ErrorPayload = {
  errorType: 'handled',
  errorMessage:
    'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
  trace: [],
};
