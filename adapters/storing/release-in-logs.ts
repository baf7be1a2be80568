// Ends claims in logs: an entry at the end of the log names the ids and their record. It is appended to a full log, too.

import { KnownLog } from '../../domain/storing/known-log.ts';
import { linkOfRelease } from '../../domain/storing/link.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type ClaimInLogsDeps, type ClaimOfLog, nextLink, putLinks } from './claim-in-logs.ts';
import { expiryOfNext, keepLinks, linkNeededUntil } from './keep-links.ts';

const logsAtOnce = 4;
const maxTries = 12;

export async function releaseInLogs(
  deps: ClaimInLogsDeps,
  claims: readonly ClaimOfLog[],
  untilMs: number,
): Promise<void> {
  const byLog = [...Map.groupBy(claims, ({ log }) => log).values()];
  await mapBounded(byLog, logsAtOnce, async (ofLog) => {
    for (const ofRecord of Map.groupBy(ofLog, ({ record }) => record).values())
      await releaseOfRecord(deps, ofRecord, untilMs);
  });
}

async function releaseOfRecord(
  deps: ClaimInLogsDeps,
  claims: readonly ClaimOfLog[],
  untilMs: number,
): Promise<void> {
  const [{ log, record }] = claims as readonly [ClaimOfLog];
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (attempt > 0) await deps.pause(attempt - 1);
    const each = { log, known: new KnownLog() };
    const [links = []] = await deps.logs.read([{ log, after: -1 }]);
    each.known.readOn(links);
    const { known } = each;
    if (known.nextPosition >= deps.limits.links) await deps.singly.release(claims, untilMs);
    const ids = claims.flatMap(({ id }) => {
      const by = known.holderOf(id);
      return by?.record === record && by.untilMs > untilMs ? id : [];
    });
    if (ids.length === 0) return;
    const neededUntilMs = linkNeededUntil(deps.clock, claims);
    const [areKept] = await keepLinks(deps, [{ of: each, untilMs: neededUntilMs }]);
    if (!areKept) continue;
    const data = linkOfRelease(known.checksum, { record, untilMs, ids });
    const [hasLanded] = await putLinks(deps, [nextLink(each, data, expiryOfNext(known, neededUntilMs))]);
    if (hasLanded) return;
  }
  throw new Unavailable('The claims of a record could not be released in any try.');
}
