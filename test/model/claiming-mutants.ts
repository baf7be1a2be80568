// For each rule of claim logs, a world without it. In each the model must find a broken promise. The names are those of the
// randomized model that the design was attacked with.

import type { ClaimInLogsDeps } from '../../adapters/storing/claim-in-logs.ts';
import { divideIdentities } from '../../adapters/storing/divided-identities.ts';
import { type LogName, placeInLog } from '../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import { KnownLog, type Link } from '../../domain/storing/known-log.ts';
import { type ClaimInLog, linkOfClaims, sectionsIn } from '../../domain/storing/link.ts';
import type { ClaimLogs } from '../../domain/storing/port.ts';
import { hourMs } from '../../domain/system/time.ts';
import { linkLimits } from './claim-logs.ts';
import { isOf, type Mutant } from './mutant.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

type Changed<Args extends readonly unknown[]> = (logs: ClaimLogs, ...args: Args) => Partial<ClaimLogs>;

const ofLogs =
  <Args extends readonly unknown[]>(changed: Changed<Args>) =>
  (ports: Ports, ...args: Args): Ports => ({
    ...ports,
    claimLogs: { ...ports.claimLogs, ...changed(ports.claimLogs, ...args) },
  });

/** Logs whose last append did not land: they must be read on, or the next one does not land either. */
function noteTaken(logs: ClaimLogs) {
  const taken = new Map<LogName, number>();
  const append: ClaimLogs['append'] = async (links) => {
    const results = await logs.append(links);
    links.forEach(({ log, position }, index) => {
      if (results[index] === 'appended') taken.delete(log);
      else taken.set(log, position);
    });
    return results;
  };
  return { taken, append };
}

const isFull = ({ position }: Pick<Link, 'position'>): boolean => position >= linkLimits.links - 1;

/** As if no log were ever full. */
const unlimited = (deps: ClaimInLogsDeps): ClaimInLogsDeps => ({
  ...deps,
  limits: { ...deps.limits, links: Number.POSITIVE_INFINITY },
});

const longAgoMs = Number.NEGATIVE_INFINITY;

/** With another opinion on what an instance still knows. */
const knowing = (deps: ClaimInLogsDeps, of: (log: LogName) => KnownLog): ClaimInLogsDeps => ({
  ...deps,
  known: {
    of,
    keep: (log, known) => deps.known.keep(log, known),
    forget: (log) => deps.known.forget(log),
  },
});

const invocationOf = (actor: Actor | undefined): number => Number.parseInt(actor?.name ?? '0', 10);

/** Of each id only the first claim. */
function firstClaims(links: readonly Link[]): Link[] {
  const claimed = new Set<string>();
  return links.map((link) => {
    const sections = sectionsIn(link.data);
    if (sections.some(({ isRelease }) => isRelease)) return link;
    const claims = sections.flatMap((section) =>
      Array.from({ length: section.ids }, (_, index): ClaimInLog => {
        const id = section.idAt(index);
        return { id, ...section.claimAt(index) };
      }),
    );
    const first = claims.filter(({ id }) => !claimed.has(id));
    for (const { id } of first) claimed.add(id);
    return { ...link, data: linkOfClaims(first) };
  });
}

/** The claim of whoever holds the id in its log. */
function asHolders(claim: IdentityClaim, { stores }: World): IdentityClaim {
  const place = placeInLog(claim.key);
  const holder = place && stores.claimLogs.known(place.log).holderOf(place.id);
  return holder ? { ...claim, record: holder.record } : claim;
}

export const claimingMutants: Readonly<Record<string, Mutant>> = {
  'L1: a link is put without a condition': {
    atRest: ofLogs((logs, { stores }) => ({
      append: async (links) => {
        for (const { log, position } of links) stores.claimLogs.links.get(log)?.delete(position);
        return logs.append(links);
      },
    })),
  },
  'L2: that another holds an id is said without reading to the end of its log': {
    inTransit: ofLogs((logs) => {
      const { taken, append } = noteTaken(logs);
      return {
        append,
        read: async (ranges) => {
          const known = ranges.filter(({ log, after }) => after >= 0 && !taken.has(log));
          const links = await logs.read(ranges.filter((range) => !known.includes(range)));
          let next = 0;
          return ranges.map((range) => (known.includes(range) ? [] : (links[next++] ?? [])));
        },
      };
    }),
  },
  'L3: a link near its end of life is built on': {
    inTransit: ofLogs(() => ({ prolong: async () => true })),
  },
  'L4: a log that is not known is not read before a link is put': {
    inTransit: ofLogs((logs, _, actor) => {
      if (!isOf(actor, 'consume')) return {};
      const { taken, append } = noteTaken(logs);
      return {
        append,
        read: async (ranges) => {
          const isBlind = ranges.map(({ log, after }) => after < 0 && !taken.has(log));
          const links = await logs.read(ranges);
          return links.map((ofLog, index) => (isBlind[index] ? [] : ofLog));
        },
      };
    }),
  },
  'L5: a release names no owner': {
    identities: (deps, world) => {
      const identities = divideIdentities(deps);
      return {
        ...identities,
        release: (claims, untilMs) =>
          identities.release(
            claims.map((claim) => asHolders(claim, world)),
            untilMs,
          ),
      };
    },
  },
  'L6: a claim in a log is judged by the time of the try, not of the receipt': {
    identities: (deps) => {
      const identities = divideIdentities(deps);
      return {
        ...identities,
        claim: (claims) =>
          identities.claim(
            claims.map((claim) =>
              placeInLog(claim.key) ? { ...claim, receivedAtMs: deps.clock.now() } : claim,
            ),
          ),
      };
    },
  },
  'L7: the first claim of an id in its log is in force': {
    atRest: ofLogs((_, { stores }) => ({
      read: async (ranges) =>
        ranges.map(({ log, after }) =>
          firstClaims(stores.claimLogs.linksOf(log)).filter(({ position }) => position > after),
        ),
    })),
  },
  'L8: a link is kept for longer whatever its end of life is': {
    atRest: ofLogs((logs, { stores }) => ({
      prolong: async ({ log, position }, expiresAtMs) => {
        const link = stores.claimLogs.links.get(log)?.get(position);
        return link !== undefined && logs.prolong(link, expiresAtMs);
      },
    })),
  },
  'W1: a claim is put into a full log by an instance with another limit': {
    identities: (deps, _, actor) => divideIdentities(invocationOf(actor) % 2 === 1 ? unlimited(deps) : deps),
  },
  'W2: an id is claimed singly without reading the link that filled its log': {
    inTransit: ofLogs((logs) => {
      const { taken, append } = noteTaken(logs);
      return {
        append,
        read: async (ranges) => {
          const links = await logs.read(ranges);
          return links.map((ofLog) =>
            ofLog.map((link) =>
              isFull(link) && taken.get(link.log) === link.position
                ? { ...link, data: linkOfClaims([]) }
                : link,
            ),
          );
        },
      };
    }),
  },
  'W4: a full log expires before what is claimed singly': {
    inTransit: ofLogs((logs) => ({
      prolong: async (link, expiresAtMs) => isFull(link) || logs.prolong(link, expiresAtMs),
    })),
  },
  'W5: no release is put into a full log': {
    inTransit: ofLogs((logs) => ({
      append: async (links) =>
        links.every(({ position }) => position >= linkLimits.links)
          ? links.map(() => 'appended' as const)
          : logs.append(links),
    })),
  },
  'W6: look-up does not look beside a full log': {
    identities: (deps) => ({ ...divideIdentities(deps), find: divideIdentities(unlimited(deps)).find }),
  },
  'W6: a release does not look beside a full log': {
    identities: (deps) => ({ ...divideIdentities(deps), release: divideIdentities(unlimited(deps)).release }),
  },
  'an instance knows a log for longer than its links live': {
    identities: (deps) => divideIdentities(knowing(deps, (log) => deps.known.of(log, longAgoMs))),
  },
  'an instance reads a log on from a link near its end of life': {
    identities: (deps) =>
      divideIdentities(
        knowing(deps, (log) => {
          const known = deps.known.of(log, longAgoMs);
          return deps.clock.now() - known.asOfMs < hourMs ? known : new KnownLog();
        }),
      ),
  },
};
