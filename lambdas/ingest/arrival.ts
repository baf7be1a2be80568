// The first steps of every POST: limit and decompress the body, check its signature if the account signs requests, and
// only then parse it.

import type { Clock } from '../../domain/system/port.ts';
import type { SpanContext } from '../../domain/system/trace.ts';
import type { Caller } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { type Body, readBody } from './doors/body.ts';
import type { Door } from './doors/door.ts';
import { parseEvents } from './doors/parse.ts';
import { wantsStrict } from './preferences.ts';
import { skewOf } from './sent-at.ts';
import type { SignatureCheck } from './signature.ts';

export type Arrival = {
  readonly request: HttpRequest;
  readonly door: Door;
  readonly caller: Caller;
  readonly trace: SpanContext | undefined;
  readonly strict: boolean;
  /** Decompressed. */
  readonly body: Body;
  readonly inputs: readonly unknown[];
  /** By how much the clock of the client is behind, if the client says what it shows. */
  readonly skewMs?: number;
  /** Time left until the function's timeout. */
  readonly remainingMs: () => number;
};

export type ArrivalDeps = {
  readonly checkSignature: SignatureCheck;
  readonly clock: Clock;
};

export async function receive(
  { checkSignature, clock }: ArrivalDeps,
  {
    request,
    door,
    caller,
    trace,
    remainingMs,
  }: Pick<Arrival, 'request' | 'door' | 'caller' | 'trace' | 'remainingMs'>,
): Promise<Arrival> {
  const body = readBody(request, door);
  await checkSignature(caller, request, body.bytes, clock.now());
  const skewMs = skewOf(request, clock.now());
  return {
    request,
    door,
    caller,
    trace,
    strict: wantsStrict(request),
    body,
    inputs: parseEvents(door, body, request),
    ...(skewMs !== undefined && { skewMs }),
    remainingMs,
  };
}
