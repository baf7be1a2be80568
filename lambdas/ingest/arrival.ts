// The first steps of every POST: limit and decompress the body, check its signature if the account signs requests, and
// only then parse it.

import type { Clock } from '../../domain/system/port.ts';
import type { SpanContext } from '../../domain/system/trace.ts';
import type { Caller } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { type Body, readBody } from './body.ts';
import { parseEvents } from './parse.ts';
import { wantsStrict } from './preferences.ts';
import type { SignatureCheck } from './signature.ts';

export type Arrival = {
  readonly request: HttpRequest;
  readonly caller: Caller;
  readonly trace: SpanContext | undefined;
  readonly strict: boolean;
  /** Decompressed. */
  readonly body: Body;
  readonly inputs: readonly unknown[];
  /** Time left until the function's timeout. */
  readonly remainingMs: () => number;
};

export type ArrivalDeps = {
  readonly checkSignature: SignatureCheck;
  readonly clock: Clock;
};

export async function receive(
  { checkSignature, clock }: ArrivalDeps,
  { request, caller, trace, remainingMs }: Omit<Arrival, 'strict' | 'body' | 'inputs'>,
): Promise<Arrival> {
  const body = readBody(request);
  await checkSignature(caller, request, body.bytes, clock.now());
  return {
    request,
    caller,
    trace,
    strict: wantsStrict(request),
    body,
    inputs: parseEvents(body),
    remainingMs,
  };
}
