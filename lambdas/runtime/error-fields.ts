// The fields of a log line about an error. A transient error is told in one short line: which call, and why. Its whole
// chain of errors with stacks would take 3 KB and bury the cause, and in an outage every invocation logs it. Any other
// error is a bug, and is logged with its stack.

import { Unavailable } from '../../domain/system/unavailable.ts';

const maxCauseChars = 200;

export type ErrorFields =
  | { readonly unavailable: string; readonly cause?: string }
  | { readonly error: unknown };

export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Unavailable)) return { error };
  let root: unknown = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  if (root === error) return { unavailable: error.message };
  const cause = root instanceof Error ? `${root.name}: ${root.message}` : String(root);
  return { unavailable: error.message, cause: cause.slice(0, maxCauseChars) };
}
