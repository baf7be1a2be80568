// The ports of one actor, from the stores up: bugs that some records trigger, the notes of the model, a mutant of the
// stores, the gate of the scheduler, and a mutant of what the code sends and receives.

import type { Lanes } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { type Lane, laneKey } from '../../domain/keys.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import type { Link } from '../../domain/storing/known-log.ts';
import { sectionsIn } from '../../domain/storing/link.ts';
import { PartitionUnavailable } from '../../domain/system/unavailable.ts';
import { nameOfPlaceInLog } from './claim-logs.ts';
import { gatedPorts, recordOfPage } from './gated-ports.ts';
import { mapCalls } from './lane-calls.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

export class Bug extends Error {
  override readonly name = 'Bug';
}

export function actorPorts(world: World, actor: Actor): Ports {
  const { mutant, scheduler } = world;
  const gated = gatedPorts(scheduler, actor, world.ports, (record) =>
    world.isBroken(record, 'ends the function'),
  );
  return mutant.inTransit?.(gated, world, actor) ?? gated;
}

/** The stores as the code finds them, whoever calls. */
export function portsAtRest(world: World): Ports {
  const failing = failingPorts(world);
  return notingPorts(world, world.mutant.atRest?.(failing, world) ?? failing);
}

function failingPorts(world: World): Ports {
  const { identities, claimLogs, pages, lanes, quarantine, failedRecords, platformKeys } = world.stores;
  return {
    platformKeys,
    identities: {
      claim: (claims) => identities.claim(claims),
      find: (key) => identities.find(key),
      release: (claims, untilMs) => identities.release(claims, untilMs),
    },
    claimLogs: {
      read: (ranges) => claimLogs.read(ranges),
      append: (links) => claimLogs.append(links),
      readNext: (ranges) => claimLogs.readNext(ranges),
      prolong: (link, expiresAtMs) => claimLogs.prolong(link, expiresAtMs),
      replace: (link, data) => claimLogs.replace(link, data),
    },
    quarantine,
    failedRecords,
    pages: {
      write: async (written) => {
        if (written.some((page) => world.isBroken(recordOfPage(page), 'fails at pages'))) throw new Bug();
        return pages.write(written);
      },
      remove: (keys) => pages.remove(keys),
    },
    lanes: failingLanes(world, refusingLanes(world, lanes)),
  };
}

/** As if the partition of a lane throttled. */
function refusingLanes(world: World, lanes: Lanes): Lanes {
  const orRefuse = (asked: readonly Lane[]) => {
    if (asked.some((lane) => world.refused.has(laneKey(lane)))) throw new PartitionUnavailable('refused');
  };
  return {
    ...mapCalls(lanes, (_, call) => call),
    receipts: async (places) => {
      orRefuse(places.map(({ lane }) => lane));
      return lanes.receipts(places);
    },
    putReceipts: async (receipts) => {
      orRefuse(receipts.map(({ lane }) => lane));
      return lanes.putReceipts(receipts);
    },
    lastRun: async (lane, before) => {
      orRefuse([lane]);
      return lanes.lastRun(lane, before);
    },
    commit: async (commit) => {
      orRefuse(commit.changes.map(({ to }) => to.lane));
      return lanes.commit(commit);
    },
  };
}

function failingLanes(world: World, lanes: Lanes): Lanes {
  const orFail = (receipts: readonly Receipt[]) => {
    const isAtFault = (receipt: Receipt) =>
      receipt.state === 'counted' && world.isBroken(nameOfPlace(receipt), 'fails at counting');
    if (receipts.some(isAtFault)) throw new Bug();
  };
  return {
    ...lanes,
    putReceipts: async (receipts) => {
      orFail(receipts);
      return lanes.putReceipts(receipts);
    },
    commit: async (commit) => {
      orFail(commit.changes.map(({ to }) => to));
      return lanes.commit(commit);
    },
    lastFoldedRun: (lane) => world.stores.lanes.staleFoldedRun(lane, world.scheduler.trace.length % 3),
  };
}

function noteReleases(world: World, { log, data }: Link): void {
  for (const section of sectionsIn(data).filter(({ isRelease }) => isRelease))
    for (let index = 0; index < section.ids; index += 1) {
      const name = nameOfPlaceInLog({ log, id: section.idAt(index) });
      world.noteRelease(name, section.record, section.untilMs);
    }
}

function notingPorts(world: World, { identities, claimLogs, lanes, ...ports }: Ports): Ports {
  return {
    ...ports,
    identities: {
      claim: (claims) => identities.claim(claims),
      find: (key) => identities.find(key),
      release: async (claims, untilMs) => {
        await identities.release(claims, untilMs);
        for (const { key, record } of claims) world.noteRelease(key, record, untilMs);
      },
    },
    claimLogs: {
      ...claimLogs,
      append: async (links) => {
        const results = await claimLogs.append(links);
        links.forEach((link, index) => {
          if (results[index] === 'appended') noteReleases(world, link);
        });
        return results;
      },
      replace: async (link, data) => {
        const hasLanded = await claimLogs.replace(link, data);
        if (hasLanded) noteReleases(world, link);
        return hasLanded;
      },
    },
    lanes: {
      ...lanes,
      putReceipts: async (receipts) => {
        const results = await lanes.putReceipts(receipts);
        receipts.forEach((receipt, index) => {
          if (results[index] === 'put') world.notePut(receipt);
        });
        return results;
      },
      commit: async (commit) => {
        const result = await lanes.commit(commit);
        if (result.outcome === 'committed')
          for (const { to } of commit.changes) if (to.state === 'counted') world.noteCounted(to);
        return result;
      },
    },
  };
}
