// The circuits of the accounts, as an instance knows them. It asks for the openings of others when it meets an invalid
// request, at most once a second for an account: valid requests wait for nothing.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type ProblemCode, problems } from '../../domain/api/problems.ts';
import { type Sender, senderKey } from '../../domain/keys.ts';
import {
  after,
  type Circuit,
  closedCircuit,
  refusesForMs,
  withOpening,
} from '../../domain/limits/circuit.ts';
import type { Openings } from '../../domain/limits/port.ts';
import { unreadableRequests } from '../../domain/rejections/request-rejections.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type HttpAnswer, ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type CircuitDeps = {
  readonly openings: Openings;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

/** What a client can only mend by sending something else. */
const invalidCodes: ReadonlySet<ProblemCode> = new Set([
  ...unreadableRequests,
  'no_valid_event',
  'not_all_valid',
]);

const askedEveryMs = secondMs;
/** Some 200 bytes each. */
const mostKnown = 10_000;

type Known = { readonly circuit: Circuit; readonly askedAtMs: number };
const unknown: Known = { circuit: closedCircuit, askedAtMs: Number.NEGATIVE_INFINITY };

export function createCircuits({ openings, clock, meter, logger }: CircuitDeps) {
  const known = new BoundedMap<Known>(mostKnown);

  const note = async (sender: Sender, isInvalid: boolean): Promise<void> => {
    const name = senderKey(sender);
    let { circuit, askedAtMs } = known.get(name) ?? unknown;
    const nowMs = clock.now();
    if (isInvalid && nowMs >= askedAtMs + askedEveryMs) {
      askedAtMs = nowMs;
      circuit = withOpening(circuit, await orNothing(() => openings.find(sender)));
    }
    const next = after(circuit, isInvalid, nowMs);
    // A closed circuit without an invalid request needs no memory.
    if (next.opening || next.window.invalid > 0) known.keep(name, { circuit: next, askedAtMs });
    else known.delete(name);
    const { opening } = next;
    if (!opening || opening === circuit.opening) return;
    meter.count(metricNames.circuitOpenings, 1);
    logger.info('nearly all requests of an account are invalid: its circuit opens', {
      ...sender,
      ...opening,
    });
    await orNothing(() => openings.keep(sender, opening));
  };

  /** An instance alone opens its circuit by itself. */
  const orNothing = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      logger.warn('the circuits of other instances are unavailable', errorFields(error));
      return undefined;
    }
  };

  return async (sender: Sender, work: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const circuit = known.get(senderKey(sender))?.circuit ?? closedCircuit;
    const forMs = refusesForMs(circuit, clock.now());
    if (forMs > 0) {
      meter.count(metricNames.circuitRefused, 1);
      throw new ProblemError('circuit_open', { retry_after: Math.ceil(forMs / secondMs) });
    }
    try {
      const answer = await work();
      // An answer that refuses all events of a batch.
      await note(sender, answer.statusCode === problems.no_valid_event.status);
      return answer;
    } catch (error) {
      const code = error instanceof ProblemError ? error.code : undefined;
      // What is shed is not read, and shows nothing.
      if (code !== 'load_shed') await note(sender, code !== undefined && invalidCodes.has(code));
      throw error;
    }
  };
}
