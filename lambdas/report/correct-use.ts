// Corrects what was counted of a quota in the day before by what was received in it: batches can fail after they were
// counted, and an instance can end before it has counted all that it admitted.

import type { Intake } from '../../domain/documents/intake.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Use } from '../../domain/limits/port.ts';
import { periodAt } from '../../domain/limits/quota.ts';
import type { Clock } from '../../domain/system/port.ts';
import { hourMs, minuteMs } from '../../domain/system/time.ts';

export type CorrectDeps = {
  readonly eventUse: Pick<Use, 'correct'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Until then, records of the day may wait to be stored. Of a longer backlog, a later hour corrects it again. */
const settledAfterMs = 6 * hourMs;
/** Report runs once in it: each account is read once an hour. */
const triedForMs = 15 * minuteMs;

export async function correctUse(
  { eventUse, clock }: CorrectDeps,
  tenant: Tenant,
  received: ReadonlyMap<number, Intake>,
): Promise<void> {
  const nowMs = clock.now();
  const { startMs: todayMs } = periodAt('day', nowMs);
  if (nowMs < todayMs + settledAfterMs || nowMs % hourMs >= triedForMs) return;
  const { startMs, endMs } = periodAt('day', todayMs - 1);
  let events = 0;
  for (const [hour, intake] of received) if (hour >= startMs && hour < endMs) events += intake.received;
  await eventUse.correct(tenant, startMs, events, nowMs);
}
