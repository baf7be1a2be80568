// The ports of one actor, from the stores up: bugs that some records trigger, the notes of the model, a mutant of the
// stores, the gate of the scheduler, and a mutant of what the code sends and receives.

import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import type { CountCommit } from '../../domain/storing/port.ts';
import { gatedPorts, recordOfPage } from './gated-ports.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

export class Bug extends Error {
  override readonly name = 'Bug';
}

export function actorPorts(world: World, actor: Actor): Ports {
  const { mutant, scheduler } = world;
  const failing = failingPorts(world);
  const atRest = notingPorts(world, mutant.atRest?.(failing, world, actor) ?? failing);
  const gated = gatedPorts(scheduler, actor, atRest, (record) => world.isBroken(record, 'ends the function'));
  return mutant.inTransit?.(gated, world, actor) ?? gated;
}

function failingPorts(world: World): Ports {
  const { identities, pages, counts, quarantine, failedRecords, platformKeys } = world.stores;
  return {
    platformKeys,
    identities,
    quarantine,
    failedRecords,
    pages: {
      write: async (written) => {
        if (written.some((page) => world.isBroken(recordOfPage(page), 'fails at pages'))) throw new Bug();
        await pages.write(written);
      },
      remove: (keys) => pages.remove(keys),
    },
    counts: {
      receipts: (records) => counts.receipts(records),
      documents: (keys) => counts.documents(keys),
      commit: async (commit) => {
        if (countedBy(commit).some((name) => world.isBroken(name, 'fails at counting'))) throw new Bug();
        return counts.commit(commit);
      },
    },
  };
}

function notingPorts(world: World, { identities, counts, ...ports }: Ports): Ports {
  return {
    ...ports,
    identities: {
      claim: (claims) => identities.claim(claims),
      release: async (claims, untilMs) => {
        await identities.release(claims, untilMs);
        for (const { key, record } of claims) world.noteRelease(key, record, untilMs);
      },
    },
    counts: {
      receipts: (records) => counts.receipts(records),
      documents: (keys) => counts.documents(keys),
      commit: async (commit) => {
        const result = await counts.commit(commit);
        if (result.outcome === 'committed')
          for (const { to } of commit.changes) if (to.state === 'counted') world.noteCounted(to);
        return result;
      },
    },
  };
}

const countedBy = ({ changes }: CountCommit): RecordName[] =>
  changes.filter(({ to }) => to.state === 'counted').map(({ to }) => recordName(to.tenant, to.record));
