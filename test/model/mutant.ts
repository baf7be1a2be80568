// A world with one fault: ports between the code and the stores that change one thing.

import type { ClaimInLogsDeps } from '../../adapters/storing/claim-in-logs.ts';
import type { LaneCommit, Lanes } from '../../domain/counting/port.ts';
import type { ReceiptChange } from '../../domain/counting/receipt.ts';
import { nameOfPlace } from '../../domain/record/record-id.ts';
import type { Page } from '../../domain/storing/pages.ts';
import type { Identities } from '../../domain/storing/port.ts';
import type { Actor } from './scheduler.ts';
import type { Ports } from './stores.ts';
import type { World } from './world.ts';

export type Mutant = {
  /** Changes what the stores do, within one step of the scheduler. */
  readonly atRest?: (ports: Ports, world: World) => Ports;
  /** Changes what the code sends and what it receives. Made anew for each actor. */
  readonly inTransit?: (ports: Ports, world: World, actor: Actor) => Ports;
  /** Changes where ids are claimed and looked up. Made anew for each actor. */
  readonly identities?: (deps: ClaimInLogsDeps, world: World, actor?: Actor) => Identities;
  /** A record that is put twice gets two ids. */
  readonly renamesCopies?: boolean;
};

export const noMutant: Mutant = {};

type Changed<Args extends readonly unknown[]> = (lanes: Lanes, ...args: Args) => Partial<Lanes>;

/** Ports with some calls of lanes changed. */
export const ofLanes =
  <Args extends readonly unknown[]>(changed: Changed<Args>) =>
  (ports: Ports, ...args: Args): Ports => ({
    ...ports,
    lanes: { ...ports.lanes, ...changed(ports.lanes, ...args) },
  });

type Rewritten = (commit: LaneCommit, world: World) => LaneCommit;

export const committing = (rewritten: Rewritten) =>
  ofLanes((lanes, world: World) => ({ commit: (commit) => lanes.commit(rewritten(commit, world)) }));

export const changing = (rewritten: (change: ReceiptChange, world: World) => ReceiptChange) =>
  committing(({ changes, ...commit }, world) => ({
    ...commit,
    changes: changes.map((change) => rewritten(change, world)),
  }));

export const claiming =
  (claim: (ports: Ports, world: World) => Identities['claim']) =>
  (ports: Ports, world: World): Ports => ({
    ...ports,
    identities: {
      ...ports.identities,
      claim: claim(ports, world),
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
export const unconditional = ({ from: _, ...change }: ReceiptChange, { stores }: World): ReceiptChange => {
  const found = [...stores.lanes.stored.values()].find(
    (receipt) => nameOfPlace(receipt) === nameOfPlace(change.to),
  );
  return { ...change, ...(found && { from: found }) };
};

export const isOf = ({ name }: Actor, kind: 'consume' | 'settle' | 'fold' | 'read'): boolean =>
  name.includes(`:${kind}`);
