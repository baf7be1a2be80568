// For each rule of claim logs, a world without it. In each the model must find a broken promise. The names are those of the
// randomized model that the design was attacked with.

import type { ClaimInLogsDeps } from '../../adapters/storing/claim-in-logs.ts';
import { divideIdentities } from '../../adapters/storing/divided-identities.ts';
import { type LogName, placeInLog } from '../../domain/storing/claim-log.ts';
import type { IdentityClaim } from '../../domain/storing/identity.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import {
  type ClaimInLog,
  checksumOfLink,
  linkOfClaims,
  noLink,
  previousOf,
  sectionsIn,
} from '../../domain/storing/link.ts';
import type { ClaimLogs, LogRange } from '../../domain/storing/port.ts';
import { linkLimits } from './claim-logs.ts';
import type { Mutant } from './mutant.ts';
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

/** What is known of a log passes for all of it. */
const isBelieved = ({ log, after }: LogRange, taken: ReadonlyMap<LogName, number>): boolean =>
  after >= 0 && !taken.has(log);

const isFull = ({ position }: Pick<Link, 'position'>): boolean => position >= linkLimits.links - 1;

/** A link that filled its log, and was lost to another one, is empty. */
const withoutLast = (link: Link, taken: ReadonlyMap<LogName, number>): Link =>
  isFull(link) && taken.get(link.log) === link.position
    ? { ...link, data: linkOfClaims(previousOf(link.data), []) }
    : link;

/** As if no log were ever full. */
const unlimited = (deps: ClaimInLogsDeps): ClaimInLogsDeps => ({
  ...deps,
  limits: { ...deps.limits, links: Number.POSITIVE_INFINITY },
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
    return { ...link, data: linkOfClaims(previousOf(link.data), first) };
  });
}

/** As if each link named the one before it. */
function inOneChain(links: readonly Link[]): Link[] {
  let checksum = noLink;
  return links.map((link) => {
    const data = Buffer.from(link.data);
    data.writeUInt32BE(checksum, 1);
    checksum = checksumOfLink(data);
    return { ...link, data };
  });
}

/** The links that belong to their log. */
function chainOf(links: readonly Link[]): Link[] {
  let checksum = noLink;
  const end = links.findIndex(({ position, data }, index) => {
    if (position !== index || previousOf(data) !== checksum) return true;
    checksum = checksumOfLink(data);
    return false;
  });
  return end < 0 ? [...links] : links.slice(0, end);
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
          const isKnown = ranges.map((range) => isBelieved(range, taken));
          const links = await logs.read(ranges);
          return links.map((ofLog, index) => (isKnown[index] ? [] : ofLog));
        },
        readNext: async (ranges) => {
          const isKnown = ranges.map((range) => isBelieved(range, taken));
          const links = await logs.readNext(ranges);
          return links.map((link, index) => (isKnown[index] ? undefined : link));
        },
      };
    }),
  },
  'L3: the links before one may expire before it': {
    inTransit: ofLogs(() => ({ prolong: async () => true })),
  },
  'L3: the first link may expire before the others': {
    inTransit: ofLogs((logs) => ({
      prolong: async (link, expiresAtMs) => link.position === 0 || logs.prolong(link, expiresAtMs),
    })),
  },
  'L4: a link belongs to a log whatever it names': {
    atRest: ofLogs((_, { stores }) => {
      const read = ({ log, after }: LogRange) =>
        inOneChain(stores.claimLogs.linksOf(log)).filter(({ position }) => position > after);
      return {
        read: async (ranges) => ranges.map(read),
        readNext: async (ranges) =>
          ranges.map((range) => read(range).find(({ position }) => position === range.after + 1)),
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
    atRest: ofLogs((_, { stores }) => {
      const read = ({ log, after }: LogRange) =>
        inOneChain(firstClaims(chainOf(stores.claimLogs.linksOf(log)))).filter(
          ({ position }) => position > after,
        );
      return {
        read: async (ranges) => ranges.map(read),
        readNext: async (ranges) =>
          ranges.map((range) => read(range).find(({ position }) => position === range.after + 1)),
      };
    }),
  },
  'L8: a link is kept for longer whatever its end of life is': {
    atRest: ofLogs((logs, { stores }) => ({
      prolong: async ({ log, position }, expiresAtMs) => {
        const link = stores.claimLogs.links.get(log)?.get(position);
        return link !== undefined && logs.prolong(link, expiresAtMs);
      },
    })),
  },
  'L9: a link is put in the place of any other': {
    atRest: ofLogs((logs, { stores }) => ({
      replace: async (link) => {
        const { data } = stores.claimLogs.links.get(link.log)?.get(link.position) ?? {};
        return data !== undefined && logs.replace(link, data);
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
          return links.map((ofLog) => ofLog.map((link) => withoutLast(link, taken)));
        },
        readNext: async (ranges) => {
          const links = await logs.readNext(ranges);
          return links.map((link) => link && withoutLast(link, taken));
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
};
