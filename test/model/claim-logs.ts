// The claim logs of a history: as in DynamoDB, links are removed some time after they expire, each by itself. Each call of
// an actor is one step, and an append is one for each log.

import type { ClaimInLogsDeps, LinkLimits } from '../../adapters/storing/claim-in-logs.ts';
import { divideIdentities } from '../../adapters/storing/divided-identities.ts';
import type { KnownLogs } from '../../adapters/storing/known-logs.ts';
import { MemoryClaimLogs } from '../../adapters/storing/memory-claim-logs.ts';
import type { LogName, LogPlace } from '../../domain/storing/claim-log.ts';
import { KnownLog, type Link } from '../../domain/storing/known-log.ts';
import { sectionsIn } from '../../domain/storing/link.ts';
import type { ClaimLogs, Identities } from '../../domain/storing/port.ts';
import { orUndecided } from './gated-lanes.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

/** Small, so that few records fill a log, and few logs are many. */
export const linkLimits: LinkLimits = { links: 3, ids: 2, logs: 1 };

export class ForgetfulClaimLogs extends MemoryClaimLogs {
  /** Returns how many links are gone. */
  forget(nowMs: number, isRemoved: (link: Link) => boolean): number {
    let gone = 0;
    for (const links of this.links.values())
      for (const [position, link] of links)
        if (link.expiresAtMs < nowMs && isRemoved(link)) {
          links.delete(position);
          gone += 1;
        }
    return gone;
  }

  linksOf(log: LogName): Link[] {
    return [...(this.links.get(log)?.values() ?? [])].toSorted((a, b) => a.position - b.position);
  }

  known(log: LogName): KnownLog {
    const known = new KnownLog();
    for (const link of this.linksOf(log)) known.add(link);
    return known;
  }
}

export const nameOfPlaceInLog = ({ log, id }: LogPlace): string => `${log} ${id}`;

/** Identities as an invocation has them, with what its instance knows. */
export function identitiesOf(
  world: World,
  { identities: singly, claimLogs: logs }: Ports,
  known: KnownLogs,
  actor?: Actor,
): Identities {
  const deps: ClaimInLogsDeps = {
    singly,
    logs,
    known,
    limits: linkLimits,
    clock: world.clock,
    pause: async () => {},
  };
  return world.mutant.identities?.(deps, world, actor) ?? divideIdentities(deps);
}

export function gatedClaimLogs(scheduler: Scheduler, actor: Actor, logs: ClaimLogs): ClaimLogs {
  return {
    read: async (ranges, consistent) => {
      const links: (readonly Link[])[] = [];
      for (const range of ranges) {
        const label = `read ${range.log} after ${range.after}`;
        links.push(...(await scheduler.call(actor, label, () => logs.read([range], consistent))));
      }
      return links;
    },
    readNext: async (ranges) => {
      const links: (Link | undefined)[] = [];
      for (const range of ranges) {
        const label = `read the link of ${range.log} after ${range.after}`;
        links.push(...(await scheduler.call(actor, label, () => logs.readNext([range]))));
      }
      return links;
    },
    append: async (links) => {
      const results: ('appended' | 'taken' | 'undecided')[] = [];
      for (const link of links) {
        const append = () => scheduler.call(actor, `append ${describe(link)}`, () => logs.append([link]));
        results.push(...(await orUndecided([link], 'undecided' as const, append)));
      }
      return results;
    },
    prolong: (link, expiresAtMs) =>
      scheduler.call(actor, `prolong ${link.log} ${link.position}`, () => logs.prolong(link, expiresAtMs)),
    replace: (link, data) =>
      scheduler.call(actor, `replace by ${describe(link)}`, () => logs.replace(link, data)),
  };
}

function describe({ log, position, data }: Link): string {
  const entries = sectionsIn(data).map((section) => {
    const ids = Array.from({ length: section.ids }, (_, index) => section.idAt(index).slice(-2));
    return `${ids.join(' ')} ${section.isRelease ? 'no longer for' : 'for'} ${section.record}`;
  });
  return `${log} ${position} (${entries.join(', ')})`;
}
