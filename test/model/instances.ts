// The instances that run functions. Each runs one invocation at a time, and what it knows stays for the next
// one, so that it may be stale. A killed invocation ends its instance.

import { KnownLogs } from '../../adapters/storing/known-logs.ts';
import { RefusedLanes } from '../../lambdas/consume/refused-lanes.ts';

export type Instance = { known: KnownLogs; refusedLanes: RefusedLanes; isBusy: boolean };

const fewest = 3;
const start = (): Instance => ({ known: new KnownLogs(), refusedLanes: new RefusedLanes(), isBusy: false });

export class Instances {
  readonly #all: Instance[] = Array.from({ length: fewest }, start);

  /** One of those that are not busy, or a new one. */
  take(which: number): Instance {
    const free = this.#all.filter(({ isBusy }) => !isBusy);
    const instance = free[which % Math.max(1, free.length)] ?? start();
    if (free.length === 0) this.#all.push(instance);
    instance.isBusy = true;
    return instance;
  }

  giveBack(instance: Instance, isKilled: boolean): void {
    instance.isBusy = false;
    if (isKilled) Object.assign(instance, start());
  }
}
