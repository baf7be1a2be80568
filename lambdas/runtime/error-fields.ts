// The fields of a log line about an error. Of a transient error: the call, what caused its failure, and what AWS answered,
// without stacks. The error itself with all its stacks takes 3 KB and buries the cause, and in an outage every invocation
// logs it. Any other error is a bug, and is logged with its stack.

import { Unavailable } from '../../domain/system/unavailable.ts';

/** Room for what AWS says of a missing permission: role, action and resource. */
const maxTextChars = 600;
const maxCauses = 3;

export type ErrorFields =
  | {
      readonly unavailable: string;
      /** From the outermost to the root. */
      readonly causes?: readonly string[];
      readonly aws?: { readonly status?: number; readonly request_id?: string; readonly attempts?: number };
    }
  | { readonly error: unknown };

export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Unavailable)) return { error };
  const chain = causesOf(error);
  const causes = [...new Set(chain.map(describe))];
  const aws = chain.map(awsAnswerOf).find((answer) => answer !== undefined);
  return {
    unavailable: shorten(error.message),
    ...(causes.length > 0 && { causes: causes.length > maxCauses ? ends(causes) : causes }),
    ...(aws && { aws }),
  };
}

/** The outermost cause, and the last ones: the root says most. */
const ends = (causes: readonly string[]): string[] => [
  ...causes.slice(0, 1),
  ...causes.slice(-(maxCauses - 1)),
];

function causesOf(error: Error): unknown[] {
  const causes: unknown[] = [];
  let next = causeOf(error);
  while (next !== undefined && !causes.includes(next)) {
    causes.push(next);
    next = causeOf(next);
  }
  return causes;
}

/** Of several failures at once, such as one for each address of a host, the first stands for all. */
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.cause === undefined) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return shorten(cause.message ? `${cause.name}: ${cause.message}` : cause.name);
  return shorten(typeof cause === 'object' ? JSON.stringify(cause) : String(cause));
}

function awsAnswerOf(cause: unknown) {
  const { $metadata } = (cause ?? {}) as {
    $metadata?: { httpStatusCode?: number; requestId?: string; attempts?: number };
  };
  if ($metadata === undefined) return undefined;
  const { httpStatusCode: status, requestId: request_id, attempts } = $metadata;
  return {
    ...(status !== undefined && { status }),
    ...(request_id !== undefined && { request_id }),
    ...(attempts !== undefined && { attempts }),
  };
}

/** Cut in the middle: both ends of a message of AWS matter. */
function shorten(text: string): string {
  if (text.length <= maxTextChars) return text;
  const half = maxTextChars / 2 - 1;
  return `${text.slice(0, half)} … ${text.slice(-half)}`;
}
