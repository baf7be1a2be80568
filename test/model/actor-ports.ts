// The ports of one actor, from the stores up: bugs that some records trigger, the notes of the model, a mutant of the
// stores, the gate of the scheduler, and a mutant of what the code sends and receives.

import type { Lanes } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
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
  const { identities, pages, lanes, quarantine, failedRecords, platformKeys } = world.stores;
  return {
    platformKeys,
    identities,
    quarantine,
    failedRecords,
    pages: {
      write: async (written) => {
        if (written.some((page) => world.isBroken(recordOfPage(page), 'fails at pages'))) throw new Bug();
        return pages.write(written);
      },
      remove: (keys) => pages.remove(keys),
    },
    lanes: failingLanes(
      world,
      mapCalls(lanes, (_, call) => call),
    ),
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

function notingPorts(world: World, { identities, lanes, ...ports }: Ports): Ports {
  return {
    ...ports,
    identities: {
      claim: (claims) => identities.claim(claims),
      release: async (claims, untilMs) => {
        await identities.release(claims, untilMs);
        for (const { key, record } of claims) world.noteRelease(key, record, untilMs);
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
