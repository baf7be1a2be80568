// A world with one fault: ports between the code and the stores that change one thing.

import { recordName } from '../../domain/record/record-id.ts';
import type { Page } from '../../domain/storing/pages.ts';
import type { CountCommit, Counts, Identities, ReceiptChange } from '../../domain/storing/port.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

type Rewrite = (ports: Ports, world: World, actor: Actor) => Ports;

export type Mutant = {
  /** Changes what the stores do, within one step of the scheduler. */
  readonly atRest?: Rewrite;
  /** Changes what the code sends and what it receives. */
  readonly inTransit?: Rewrite;
  /** A record that is put twice gets two ids. */
  readonly renamesCopies?: boolean;
};

export const noMutant: Mutant = {};

type Rewritten = (commit: CountCommit, world: World) => CountCommit | Promise<CountCommit>;

export const committing =
  (rewritten: Rewritten): Rewrite =>
  (ports, world) => ({
    ...ports,
    counts: countsOf(ports.counts, {
      commit: async (commit) => ports.counts.commit(await rewritten(commit, world)),
    }),
  });

export const countsOf = (counts: Counts, changed: Partial<Counts>): Counts => ({
  receipts: (records) => counts.receipts(records),
  documents: (keys) => counts.documents(keys),
  commit: (commit) => counts.commit(commit),
  ...changed,
});

export const claiming =
  (claim: (ports: Ports, world: World) => Identities['claim']): Rewrite =>
  (ports, world) => ({
    ...ports,
    identities: {
      claim: claim(ports, world),
      release: (claims, untilMs) => ports.identities.release(claims, untilMs),
    },
  });

export const writing = (ports: Ports, keyOf: (page: Page) => string): Ports => ({
  ...ports,
  pages: {
    write: (pages) => ports.pages.write(pages.map((page) => ({ ...page, sk: keyOf(page) }))),
    remove: (keys) => ports.pages.remove(keys),
  },
});

/** Makes the condition of a change match whatever is stored. */
export const unconditional = (change: ReceiptChange, world: World): ReceiptChange => {
  const name = recordName(change.to.tenant, change.to.record);
  const found = world.stores.counts.written.get(name);
  const { from: _, ...others } = change;
  return { ...others, ...(found && !world.stores.counts.forgotten.has(name) && { from: found }) };
};
