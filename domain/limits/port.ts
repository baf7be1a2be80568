// What is used of the limits of accounts, as all instances know it.

import type { Sender } from '../keys.ts';
import type { Opening } from './circuit.ts';
import type { Count, Counted, Quotas } from './quota.ts';
import type { Micros } from './rate.ts';
import type { Sending, Sent } from './sent.ts';
import type { Lag } from './shedding.ts';

export type Use = {
  /** Charges a rate, and counts. Neither, if the rate has no room for it, or if the quotas have none. */
  charge(sender: Sender, charge: Charge): Promise<Charged>;
  /** Counts without a charge. */
  count(sender: Sender, count: Counting, nowMs: number): Promise<Used>;
  /** Takes back what was noted of batches that were never sent, where nothing was noted later. */
  takeBack(sender: Sender, sent: Sending, nowMs: number): Promise<void>;
  find(sender: Sender, nowMs: number): Promise<Used>;
  /**
   * Corrects what was counted in the day before the last one that began by what was received in it. False if that is the
   * same, or if nothing was counted in it.
   */
  correct(sender: Sender, dayMs: number, received: number, nowMs: number): Promise<boolean>;
};

/** `sent`: by the lane of the batches that are counted. */
export type Counting = Count & { readonly sent?: Sending };

export type Used = {
  readonly usedUntil: Micros;
  readonly counted: Counted;
  /** Absent if nothing was. */
  readonly sent?: Sent;
};

export type Charge = {
  /** Moves `usedUntil` on by the cost, from now if it is past, unless it is more than `room` ahead of now. */
  readonly cost: Micros;
  readonly room: Micros;
  readonly count: Counting;
  /** Nothing is charged if the count would be over them. */
  readonly quotas?: Quotas;
  readonly nowMs: number;
};
/** With what is used by now. */
export type Charged = Used & { readonly isCharged: boolean };

export type Openings = {
  /** The last one of the account. */
  find(sender: Sender): Promise<Opening | undefined>;
  /** Unless there is a later one. */
  keep(sender: Sender, opening: Opening): Promise<void>;
};

export type Lags = {
  /** Of each shard the last one. */
  all(): Promise<readonly Lag[]>;
  put(lag: Lag): Promise<void>;
};
