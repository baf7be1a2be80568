// The circuit of an account and environment. It opens if nearly all of its requests are invalid: what a broken client sends
// is then refused before it is read. Once its time is over, the next request is a probe: a valid one closes the circuit, an
// invalid one opens it for twice as long.

import { minuteMs, secondMs } from '../system/time.ts';

/** The last opening, as instances share it. */
export type Opening = { readonly untilMs: number; readonly lastsMs: number };

export const circuitRules = {
  windowMs: 10 * secondMs,
  leastRequests: 20,
  invalidShare: 0.9,
  firstOpenMs: 5 * secondMs,
  mostOpenMs: minuteMs,
} as const;

export type Circuit = {
  /** Absent if it has not been open for long. */
  readonly opening?: Opening;
  /** Since the window began. */
  readonly window: { readonly startMs: number; readonly requests: number; readonly invalid: number };
};

const emptyWindow = (startMs: number) => ({ startMs, requests: 0, invalid: 0 });

export const closedCircuit: Circuit = { window: emptyWindow(0) };

/** 0 if a request is let through. */
export const refusesForMs = ({ opening }: Circuit, nowMs: number): number =>
  Math.max(0, (opening?.untilMs ?? 0) - nowMs);

/** After a request that was let through. */
export function after(circuit: Circuit, isInvalid: boolean, nowMs: number): Circuit {
  const { opening } = circuit;
  const { firstOpenMs, mostOpenMs, leastRequests, invalidShare } = circuitRules;
  // Let through before it opened, by this instance or by another: no news.
  if (refusesForMs(circuit, nowMs) > 0) return circuit;
  if (opening && isOnProbation(opening, nowMs)) {
    return isInvalid
      ? open(nowMs, Math.min(mostOpenMs, 2 * opening.lastsMs))
      : { window: emptyWindow(nowMs) };
  }
  const window = added(circuit.window, isInvalid, nowMs);
  const isBroken = window.requests >= leastRequests && window.invalid >= invalidShare * window.requests;
  return isBroken ? open(nowMs, firstOpenMs) : { window };
}

/** What another instance has opened. */
export const withOpening = (circuit: Circuit, opening: Opening | undefined): Circuit =>
  opening && opening.untilMs > (circuit.opening?.untilMs ?? 0) ? { ...circuit, opening } : circuit;

/** As long as it was open. After that, nothing is held against the account. */
const isOnProbation = ({ untilMs, lastsMs }: Opening, nowMs: number): boolean => nowMs < untilMs + lastsMs;

const open = (nowMs: number, lastsMs: number): Circuit => ({
  opening: { untilMs: nowMs + lastsMs, lastsMs },
  window: emptyWindow(nowMs),
});

function added({ startMs, requests, invalid }: Circuit['window'], isInvalid: boolean, nowMs: number) {
  const isOver = nowMs < startMs || nowMs >= startMs + circuitRules.windowMs;
  const before = isOver ? emptyWindow(nowMs) : { startMs, requests, invalid };
  return {
    ...before,
    requests: before.requests + 1,
    invalid: before.invalid + (isInvalid ? 1 : 0),
  };
}
