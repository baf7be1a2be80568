// How many slots an account needs for what it sends. Advice only raises: readers read all slots that an account ever had.

import type { Intake } from '../documents/intake.ts';
import { units } from '../limits/batch-weight.ts';
import { hourMs, minuteMs } from '../system/time.ts';
import { type Account, settingsOf } from './accounts.ts';
import type { AuditEntry } from './audit.ts';
import { type Load, loadOf } from './load.ts';

/** Of a partition of DynamoDB, a second. The pages of a slot have one partition key, and so have its receipts. */
const unitsOfPartition = 1000;
/** Its shard would take as many records, and a megabyte: more than its pages. */
const slotTakes: Load = {
  events: unitsOfPartition / units.eachEvent,
  records: unitsOfPartition / units.eachRecord,
  bytes: (unitsOfPartition / units.eachKilobyte) * 1024,
};
/** A mean of an hour hides bursts: of three times as much, as the limits of events and requests allow them. */
const burst = 3;
/** The other half is for the accounts that share its shard. */
const ownShare = 0.5;

/** How full one slot may be by the mean of an hour. */
export const slotHolds: Load = {
  events: (slotTakes.events * ownShare) / burst,
  records: (slotTakes.records * ownShare) / burst,
  bytes: (slotTakes.bytes * ownShare) / burst,
};

/** How many slots it would fill, in parts of one. `by`: what of it needs the most. */
export function fillOf(load: Load): { readonly slots: number; readonly by: keyof Load } {
  const parts = (['events', 'records', 'bytes'] as const).map((by) => ({
    by,
    slots: load[by] / slotHolds[by],
  }));
  return parts.reduce((most, part) => (part.slots > most.slots ? part : most));
}

/** Loads come back by the time of the day. */
const advisedByMs = 24 * hourMs;
/** An hour that has just begun counts as so long: a batch in its first second is no load. */
const leastMs = 15 * minuteMs;

export type BusyHour = { readonly hourMs: number; readonly load: Load };

/** The hour of the last day that fills the most slots. Undefined if nothing was received. */
export function busiestHour(received: ReadonlyMap<number, Intake>, nowMs: number): BusyHour | undefined {
  const hours = [...received]
    .filter(([hour]) => hour > nowMs - advisedByMs)
    .map(([hour, intake]): BusyHour => {
      const lastedMs = Math.min(hourMs, Math.max(leastMs, nowMs - hour));
      return { hourMs: hour, load: loadOf(intake, lastedMs) };
    });
  return hours.reduce<BusyHour | undefined>(
    (most, hour) => (most && fillOf(most.load).slots >= fillOf(hour.load).slots ? most : hour),
    undefined,
  );
}

export type SlotAdvice = {
  readonly from: number;
  readonly to: number;
  /** What it sends would fill so many. */
  readonly needs: number;
};

/**
 * Undefined if the account has enough. At most twice as many: a load that ends within the hour must not leave readers with
 * eight times the lanes.
 */
export function adviseSlots(slots: number, load: Load, most: number): SlotAdvice | undefined {
  const needs = Math.ceil(fillOf(load).slots);
  const to = Math.min(needs, 2 * slots, most);
  return to > slots ? { from: slots, to, needs } : undefined;
}

/** Weir raises the slots of an account once in so long, and not so soon after an operator has changed them. */
export const raisedEveryMs = hourMs;

/** An account of the tier `custom` with one slot keeps the order of its events. Only an operator may end that. */
export const mayBeRaised = (account: Account): boolean =>
  account.status === 'active' && !(account.tier === 'custom' && settingsOf(account).slots === 1);

export const changesSlots = ({ what, before, after }: AuditEntry): boolean =>
  what === 'account.changed' && before?.slots !== after.slots;
