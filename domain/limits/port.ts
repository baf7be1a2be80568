// What is used of the limits of accounts, as all instances know it.

import type { Tenant } from '../keys.ts';
import type { Opening } from './circuit.ts';
import type { Micros } from './event-rate.ts';

export type EventUse = {
  /** Moves `usedUntil` on by the cost, from now if it is past, unless it is more than `room` ahead of now. */
  charge(tenant: Tenant, charge: Charge): Promise<Charged>;
};

export type Charge = { readonly cost: Micros; readonly room: Micros; readonly nowMs: number };
/** With `usedUntil` as it is now. */
export type Charged = { readonly isCharged: boolean; readonly usedUntil: Micros };

export type Openings = {
  /** The last one of the account. */
  find(tenant: Tenant): Promise<Opening | undefined>;
  /** Unless there is a later one. */
  keep(tenant: Tenant, opening: Opening): Promise<void>;
};
