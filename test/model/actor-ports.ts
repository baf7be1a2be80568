// The ports of one actor, from the stores up: bugs that some records trigger, the notes of the model, a mutant of the
// stores, the gate of the scheduler, and a mutant of what the code sends and receives.

import { type RecordName, recordName } from '../../domain/record/record-id.ts';
import { classify } from '../../domain/storing/identity.ts';
import type { CountCommit } from '../../domain/storing/port.ts';
import { gatedPorts, recordOfPage } from './gated-ports.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { EventOutcome, World } from './world.ts';

export class Bug extends Error {
  override readonly name = 'Bug';
}

export function actorPorts(world: World, actor: Actor): Ports {
  const { mutant, scheduler } = world;
  const outcomes = new Map<RecordName, ReadonlyMap<string, EventOutcome>>();
  const failing = failingPorts(world);
  const atRest = notingPorts(world, mutant.atRest?.(failing, world, actor) ?? failing, outcomes);
  const gated = gatedPorts(scheduler, actor, atRest, (record) => world.isBroken(record, 'ends the function'));
  const seen = mutant.inTransit?.(gated, world, actor) ?? gated;
  return {
    ...seen,
    identities: {
      ...seen.identities,
      claim: async (claims) => {
        const results = await seen.identities.claim(claims);
        const byKey = claims.map(({ key, ...claim }, index): [string, EventOutcome] => {
          const result = results[index];
          return [key, result?.outcome === 'held' ? classify({ key, ...claim }, result.by) : 'mine'];
        });
        if (claims[0]) outcomes.set(nameOfClaim(claims[0]), new Map(byKey));
        return results;
      },
    },
  };
}

const nameOfClaim = ({ key, record }: { readonly key: string; readonly record: `${string}.${number}` }) => {
  const [account = '', environment = ''] = key.split('#');
  return recordName({ account, environment, generation: 0 }, record);
};

function failingPorts(world: World): Ports {
  const { identities, pages, counts, quarantine, failedRecords } = world.stores;
  return {
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

function notingPorts(
  world: World,
  { identities, counts, ...ports }: Ports,
  outcomes: ReadonlyMap<RecordName, ReadonlyMap<string, EventOutcome>>,
): Ports {
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
          for (const name of countedBy(commit)) world.counted.set(name, outcomes.get(name) ?? new Map());
        return result;
      },
    },
  };
}

const countedBy = ({ changes }: CountCommit): RecordName[] =>
  changes.filter(({ to }) => to.state === 'counted').map(({ to }) => recordName(to.tenant, to.record));
