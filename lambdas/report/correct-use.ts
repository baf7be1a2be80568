// Corrects what was counted of a quota in the day before by what was received in it: batches can fail after they were
// counted, and an instance can end before it has counted all that it admitted.

import type { Intake } from '../../domain/documents/intake.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Use } from '../../domain/limits/port.ts';
import { periodAt } from '../../domain/limits/quota.ts';
import type { Clock } from '../../domain/system/port.ts';
import { hourMs } from '../../domain/system/time.ts';

export type CorrectDeps = {
  readonly eventUse: Pick<Use, 'correct'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** After the day. Records that wait longer to be stored are missing in the month. */
const settledAfterMs = 6 * hourMs;
/** It is tried in each run until then, so that an account that was corrected costs no read for the rest of the day. */
const triedUntilMs = 12 * hourMs;

export async function correctUse(
  { eventUse, clock }: CorrectDeps,
  tenant: Tenant,
  received: ReadonlyMap<number, Intake>,
): Promise<void> {
  const nowMs = clock.now();
  const { startMs: todayMs } = periodAt('day', nowMs);
  if (nowMs < todayMs + settledAfterMs || nowMs >= todayMs + triedUntilMs) return;
  const { startMs, endMs } = periodAt('day', todayMs - 1);
  let events = 0;
  for (const [hour, intake] of received) if (hour >= startMs && hour < endMs) events += intake.received;
  if (events > 0) await eventUse.correct(tenant, startMs, events, nowMs);
}
