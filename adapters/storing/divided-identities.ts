// Claims ids where their claims are: those with a time or a batch in the log of their window, all others singly. A log that
// is full takes no more claims: the ids of its window that it does not hold are claimed singly, too.

import { placeInLog } from '../../domain/storing/claim-log.ts';
import { KnownLog } from '../../domain/storing/known-log.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';
import { type ClaimInLogsDeps, type ClaimOfLog, claimInLogs } from './claim-in-logs.ts';
import { releaseInLogs } from './release-in-logs.ts';

export class RepeatedKey extends Error {
  override readonly name = 'RepeatedKey';
}

export function divideIdentities(deps: ClaimInLogsDeps): Identities {
  const { singly, logs, limits } = deps;
  return {
    async claim(claims) {
      if (new Set(claims.map(({ key }) => key)).size < claims.length)
        throw new RepeatedKey('A call must not name a key twice.');
      const { inLogs, others } = divide(claims);
      // A claim that lands after its call could be of a record that has been discarded meanwhile.
      const [ofLogs, ofOthers] = await Promise.allSettled([claimInLogs(deps, inLogs), singly.claim(others)]);
      if (ofLogs.status === 'rejected') throw ofLogs.reason;
      if (ofOthers.status === 'rejected') throw ofOthers.reason;
      const results = new Map<string, ClaimResult>(ofLogs.value);
      others.forEach(({ key }, index) => {
        const result = ofOthers.value[index];
        if (result) results.set(key, result);
      });
      return claims.map(({ key }) => results.get(key) ?? { outcome: 'undecided' });
    },
    async release(claims, untilMs) {
      const { inLogs, others } = divide(claims);
      await singly.release(others, untilMs);
      await releaseInLogs(deps, inLogs, untilMs);
    },
    async find(key) {
      const place = placeInLog(key);
      if (!place) return singly.find(key);
      const known = new KnownLog();
      const [links = []] = await logs.read([{ log: place.log, after: -1 }], false);
      known.readOn(links);
      const inLog = known.holderOf(place.id);
      if (known.nextPosition < limits.links) return inLog;
      // What the full log does not hold may be claimed singly, and what it held once as well. What has expired may still
      // be there, in either place.
      const bySingly = await singly.find(key);
      return bySingly && bySingly.untilMs > (inLog?.untilMs ?? 0) ? bySingly : inLog;
    },
  };
}

function divide(claims: Parameters<Identities['claim']>[0]) {
  const inLogs: ClaimOfLog[] = [];
  const others: (typeof claims)[number][] = [];
  for (const claim of claims) {
    const place = placeInLog(claim.key);
    if (place) inLogs.push({ ...claim, ...place });
    else others.push(claim);
  }
  return { inLogs, others };
}
