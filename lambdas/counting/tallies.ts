// When an instance of a function looks whether a run is due: what it has put into lanes since it last looked. Mostly one
// instance puts all receipts of a lane, because a lane is in one shard. The schedule folds what an instance forgets.

import { addToTally, isDue, noTally, type RunLimits, type Tally } from '../../domain/counting/next-run.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { type Lane, laneKey } from '../../domain/keys.ts';

export class Tallies {
  readonly #limits: RunLimits;
  readonly #byLane = new Map<string, { readonly lane: Lane; readonly tally: Tally }>();

  constructor(limits: RunLimits) {
    this.#limits = limits;
  }

  add(receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      const { lane } = receipt;
      const { tally = noTally } = this.#byLane.get(laneKey(lane)) ?? {};
      this.#byLane.set(laneKey(lane), { lane, tally: addToTally(tally, receipt) });
    }
  }

  /** A full run of this lane was folded, so another one may be due. */
  lookAgain(lane: Lane): void {
    const enough = { receipts: Number.POSITIVE_INFINITY };
    this.#byLane.set(laneKey(lane), { lane, tally: { ...noTally, ...enough } });
  }

  /** Lanes in which a run may be due, at most so many. Their tallies begin again. */
  takeDue(nowMs: number, most: number): Lane[] {
    const due = [...this.#byLane]
      .filter(([, { lane, tally }]) => isDue(tally, this.#limits, lane, nowMs))
      .slice(0, most);
    for (const [name] of due) this.#byLane.delete(name);
    return due.map(([, { lane }]) => lane);
  }
}
