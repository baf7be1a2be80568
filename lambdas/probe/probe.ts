// One event, sent through the door as a client sends it, and waited for until its receipt says that it is stored. It sees
// what no other figure shows: an outage in a night without requests.

import type { Logger } from '@aws-lambda-powertools/logger';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import type { Door, DoorAnswer } from '../../domain/system/door.ts';
import type { Clock } from '../../domain/system/port.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type ProbeDeps = {
  readonly door: Door;
  /** Makes the secret of this instance. */
  readonly takeKey: () => Promise<string>;
  readonly clock: Pick<Clock, 'now'>;
  readonly pause: Pause;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'error'>;
};

/** Four times the objective of freshness. A record that waits longer is late for everybody. */
export const storedWithinMs = 20_000;

export class ProbeFailed extends Error {
  override readonly name: string = 'ProbeFailed';
}

export class KeyRefused extends ProbeFailed {
  override readonly name = 'KeyRefused';
}

export function createProbe(deps: ProbeDeps): () => Promise<void> {
  const { clock, meter, logger } = deps;
  let secret: string | undefined;
  return async () => {
    const startedMs = clock.now();
    try {
      secret ??= await deps.takeKey();
      await sendAndRead(deps, secret);
      meter.milliseconds(metricNames.probeRoundTrip, clock.now() - startedMs);
      meter.count(metricNames.probeSucceeded, 1);
    } catch (error) {
      // Another instance has made it anew.
      if (error instanceof KeyRefused) secret = undefined;
      meter.count(metricNames.probeSucceeded, 0);
      logger.error('the probe failed', errorFields(error));
    }
  };
}

async function sendAndRead({ door, clock, pause }: ProbeDeps, secret: string): Promise<void> {
  const sent = await door.post('/v1/events', secret, [{ type: 'probe', service: 'weir' }]);
  const batch = (sent.body as { batch_id?: unknown } | undefined)?.batch_id;
  if (sent.status !== 202 || typeof batch !== 'string') throw refused('POST /v1/events', sent);
  const untilMs = clock.now() + storedWithinMs;
  for (let attempt = 0; ; attempt += 1) {
    const receipt = await door.get(`/v1/batches/${batch}`, secret);
    const { status } = (receipt.body ?? {}) as { status?: unknown };
    if (receipt.status !== 200) throw refused('GET /v1/batches/{batch_id}', receipt);
    if (status === 'stored') return;
    if (status !== 'pending')
      throw new ProbeFailed(`The event of the probe is ${String(status)}, not stored.`);
    if (clock.now() >= untilMs)
      throw new ProbeFailed(`The event was accepted, and is not stored after ${storedWithinMs / 1000} s.`);
    await pause(attempt);
  }
}

/** Problems name no secret. */
function refused(request: string, { status, body }: DoorAnswer): ProbeFailed {
  const { code } = (body ?? {}) as { code?: unknown };
  const What = status === 401 ? KeyRefused : ProbeFailed;
  return new What(`${request} was answered ${status}${code === undefined ? '' : `, ${String(code)}`}.`);
}
