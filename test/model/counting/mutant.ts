// A world of counting with one fault.

import type { LaneCounts } from '../../../domain/counting/lane-counts.ts';
import type { Lanes } from '../../../domain/counting/port.ts';
import type { Lane } from '../../../domain/keys.ts';
import type { ReadBounds, ReadLaneDeps } from '../../../lambdas/counting/read-lane.ts';
import type { Actor } from '../scheduler.ts';
import type { World } from './world.ts';

export type Mutant = {
  /** Changes what the store does, within one step of the scheduler. */
  readonly atRest?: (lanes: Lanes, world: World) => Partial<Lanes>;
  /** Changes what the code sends and what it receives. Made anew for each actor. */
  readonly inTransit?: (lanes: Lanes, world: World, actor: Actor) => Partial<Lanes>;
  /** The consumer does not settle the plain receipts that it reads first. */
  readonly leavesReadReceipts?: boolean;
  readonly read?: (deps: ReadLaneDeps, lane: Lane, bounds: ReadBounds) => Promise<LaneCounts>;
};
