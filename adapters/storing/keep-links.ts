// No link of a claim log outlives the one before it (L3): before a link is put, those before it are kept for as long. A log
// whose first link is gone begins again, and one ends where a link is missing. The links of all logs of a call are kept
// together: a log for each id is nothing unusual where old events come in.

import { guardMs } from '../../domain/counting/receipt.ts';
import type { LogName } from '../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import { KnownLog } from '../../domain/storing/known-log.ts';
import type { ClaimLogs } from '../../domain/storing/port.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, epochSeconds, secondMs } from '../../domain/system/time.ts';
import type { KnownLogs } from './known-logs.ts';

/** Links are kept longer than they need be, so that those of the next day need not keep them for longer. */
const spareMs = dayMs;
export const linksUpdatedAtOnce = 16;

/** A table keeps whole seconds. */
const inWholeSeconds = (instantMs: number): number => epochSeconds(instantMs) * secondMs;

type Claims = readonly Pick<IdentityClaim, 'expiresAtMs'>[];

/** How long what these claims need is to be there. */
export const keptUntil = (claims: Claims): number =>
  Math.max(...claims.map(({ expiresAtMs }) => expiresAtMs));

/** How long a link of these claims is needed. Some days at least, also if a record is tried late. */
export const linkNeededUntil = (clock: Pick<Clock, 'now'>, claims: Claims): number =>
  inWholeSeconds(Math.max(clock.now() + guardMs, keptUntil(claims)));

/** When the next link is to expire, behind links that are kept for as long as it is needed. */
export const expiryOfNext = (known: KnownLog, neededUntilMs: number): number =>
  Math.min(known.expiresAtMs, neededUntilMs + spareMs);

export type OfLog = { readonly log: LogName; known: KnownLog };
export type KeepLinksDeps = {
  readonly logs: Pick<ClaimLogs, 'prolong'>;
  readonly known: Pick<KnownLogs, 'forget'>;
};

/** Keeps all links of each log until then. False if one may be gone: all that was known of that log is forgotten. */
export async function keepLinks(
  { logs, known: all }: KeepLinksDeps,
  wanted: readonly { readonly of: OfLog; readonly untilMs: number }[],
): Promise<boolean[]> {
  const updates = wanted.flatMap(({ of, untilMs }) => {
    const expiresAtMs = inWholeSeconds(untilMs) + spareMs;
    return of.known.expiringBefore(untilMs).map((link) => ({ of, link, expiresAtMs }));
  });
  const begunAgain = new Set<OfLog>();
  await mapBounded(updates, linksUpdatedAtOnce, async ({ of, link, expiresAtMs }) => {
    if (await logs.prolong({ log: of.log, ...link }, expiresAtMs))
      of.known.prolonged(link.position, expiresAtMs);
    else begunAgain.add(of);
  });
  for (const of of begunAgain) {
    all.forget(of.log);
    of.known = new KnownLog();
  }
  return wanted.map(({ of }) => !begunAgain.has(of));
}
