// How an instance admits what is limited. With what a request needs, it charges what its next half second may need: such a
// lease spares the table a write for each request. What a lease admits is counted with the next write.

import { type Sender, senderKey } from '../keys.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import type { Clock } from '../system/port.ts';
import { secondMs } from '../system/time.ts';
import { Unavailable } from '../system/unavailable.ts';
import {
  aheadOf,
  countedIn,
  type Held,
  isLive,
  leasedIn,
  nothingHeld,
  pendingIn,
  sentOf,
  standingIn,
  thenCounted,
  withPending,
} from './held.ts';
import type { Charge, Charged, Counting, Use } from './port.ts';
import { type Counted, nothingCounted, type PeriodName, periodAt, type Quotas, quotaOver } from './quota.ts';
import { costOf, microsOf, type Rate, roomFor, type Standing, waitMs } from './rate.ts';
import { type Sending, sendingWithout } from './sent.ts';

/** What is counted in memory is written after this time, also if nothing is charged. */
const mostPendingMs = secondMs;
/** So long a full quota is believed. */
const quotaKnownMs = secondMs;
/** So long the table is not asked for an account whose item refuses. Then the instance goes by what it knows. */
const awayMs = secondMs;

export type Limited = {
  readonly rate: Rate;
  /** False: what is over the rate is admitted all the same, and counted. */
  readonly isRateHard: boolean;
  readonly quotas?: Quotas;
  /** The same of quotas. */
  readonly areQuotasHard?: boolean;
};

/** `units` of the rate, and `events` of the quotas. */
export type Asked = {
  readonly units: number;
  readonly events: number;
  /** Of the lanes that the batch goes to. */
  readonly sent?: Sending;
};

export type Decision = Standing & {
  readonly isAdmitted: boolean;
  /** What it is over, also if it is admitted. */
  readonly over?: 'rate' | PeriodName;
  /** How long until what was refused would be admitted, if nothing else is. */
  readonly retryMs: number;
  /** As far as the instance knows. */
  readonly counted: Counted;
  /** By what this instance knows alone: the item of the account refuses writes. */
  readonly isLocal?: true;
  /** That of the item, where it was asked for this decision. */
  readonly error?: Unavailable;
};

type LeasesUse = Pick<Use, 'charge' | 'count' | 'takeBack'>;

/** Some 500 bytes each. */
const mostHeld = 10_000;

export class Leases {
  readonly #use: LeasesUse;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #held = new BoundedMap<Held>(mostHeld);

  constructor(use: LeasesUse, clock: Pick<Clock, 'now'>) {
    this.#use = use;
    this.#clock = clock;
  }

  async admit(sender: Sender, asked: Asked, limited: Limited): Promise<Decision> {
    const nowMs = this.#clock.now();
    const { held, over, error } = await this.#judge(sender, asked, limited, nowMs);
    this.#held.keep(senderKey(sender), held);
    const isAdmitted = !over || !isHard(limited, over);
    return {
      ...standingIn(held, nowMs, limited.rate),
      counted: countedIn(held, nowMs),
      isAdmitted,
      retryMs: isAdmitted ? 0 : retryMsOf(over, held, asked, limited, nowMs),
      ...(over && { over }),
      ...(nowMs < held.awayUntilMs && { isLocal: true }),
      ...(error && { error }),
    };
  }

  /** What was admitted and came to nothing. Its units can be sent again while the lease lasts. */
  async giveBack(sender: Sender, { sent = {}, ...counted }: Asked): Promise<void> {
    const nowMs = this.#clock.now();
    const held = this.#heldOf(sender, nowMs);
    const { left, written } = sendingWithout(held.pending.sent ?? {}, sent);
    this.#held.keep(senderKey(sender), { ...held, pending: { ...held.pending, sent: left } });
    await this.#uncount(sender, counted, nowMs);
    if (Object.keys(written).length > 0) await this.#use.takeBack(sender, written, nowMs);
  }

  async #uncount(sender: Sender, { units, events }: Asked, nowMs: number): Promise<void> {
    const held = this.#heldOf(sender, nowMs);
    const name = senderKey(sender);
    const given = { ...held, left: leasedIn(held, nowMs) + units };
    const count = { events: -events, over: 0 };
    // Admitted by a lease, it is not in the table yet.
    if (pendingIn(held, nowMs).events >= events)
      return this.#held.keep(name, withPending(given, count, nowMs));
    this.#held.keep(name, given);
    const used = await this.#use.count(sender, count, nowMs);
    this.#held.keep(name, { ...this.#heldOf(sender, nowMs), used, usedAtMs: nowMs });
  }

  /** As far as this instance knows, without a call. */
  standing(sender: Sender, rate: Rate): Standing & { readonly counted: Counted } {
    const nowMs = this.#clock.now();
    const held = this.#heldOf(sender, nowMs);
    return { ...standingIn(held, nowMs, rate), counted: countedIn(held, nowMs) };
  }

  #heldOf(sender: Sender, nowMs: number): Held {
    return this.#held.get(senderKey(sender)) ?? nothingHeld(nowMs);
  }

  async #judge(sender: Sender, asked: Asked, limited: Limited, nowMs: number): Promise<Judged> {
    const held = this.#heldOf(sender, nowMs);
    const { units, events } = asked;
    const overQuota = limited.quotas && quotaOver(limited.quotas, countedIn(held, nowMs), events);
    const isFull = overQuota !== undefined && isHard(limited, overQuota);
    // The quota may be another one by now, or what was counted.
    if (isFull && nowMs < held.usedAtMs + quotaKnownMs)
      return this.#beyond(sender, held, asked, overQuota, limited, nowMs);
    const counted = { events, over: overQuota ? events : 0, ...sentOf(asked) };
    if (leasedIn(held, nowMs) >= units && !isFull) {
      const { left, sent } = held;
      const next = { ...withPending(held, counted, nowMs), left: left - units, sent: sent + units };
      return { held: next, ...(overQuota && { over: overQuota }) };
    }
    const tried = await this.#charge(sender, held, { ...asked, counted }, limited, nowMs);
    const { error } = tried;
    if (!tried.over) return { ...tried, ...(overQuota && { over: overQuota }) };
    return {
      ...(error && { error }),
      ...(await this.#beyond(sender, tried.held, asked, tried.over, limited, nowMs)),
    };
  }

  /** Charges what is needed and ahead, or what is needed, or nothing. */
  async #charge(
    sender: Sender,
    before: Held,
    { units, counted }: Asked & { readonly counted: Counting },
    { rate, quotas, areQuotasHard }: Limited,
    nowMs: number,
  ): Promise<Judged> {
    let held = before;
    let error: Unavailable | undefined;
    const needed = units - leasedIn(held, nowMs);
    const ahead = isLive(held, nowMs) ? aheadOf(held, nowMs, rate) : 0;
    for (const more of ahead > 0 ? [ahead, 0] : [0]) {
      const cost = costOf(needed + more, rate);
      if (waitMs(held.used.usedUntil, cost, nowMs) > 0) continue;
      const count = thenCounted(pendingIn(held, nowMs), counted);
      const hard = quotas && areQuotasHard ? { quotas } : {};
      const charge = { cost, room: roomFor(cost), count, nowMs, ...hard };
      const charged = await this.#chargeShared(sender, held, charge);
      if ('error' in charged) {
        ({ error } = charged);
        const used = { ...held.used, usedUntil: Math.max(held.used.usedUntil, microsOf(nowMs)) + cost };
        const awayUntilMs = error ? nowMs + awayMs : held.awayUntilMs;
        const local = {
          ...withPending(held, counted, nowMs),
          used,
          takenAtMs: nowMs,
          sent: units,
          left: more,
        };
        return { held: { ...local, awayUntilMs }, ...(error && { error }) };
      }
      const used = { usedUntil: charged.usedUntil, counted: charged.counted };
      if (charged.isCharged) {
        const share = cost / Math.max(1, used.usedUntil - held.used.usedUntil);
        const at = { usedAtMs: nowMs, takenAtMs: nowMs, writtenAtMs: nowMs };
        return { held: { ...nothingHeld(nowMs), used, share, sent: units, left: more, ...at } };
      }
      held = { ...held, used, usedAtMs: nowMs };
      const over = hard.quotas && quotaOver(hard.quotas, countedIn(held, nowMs), counted.events);
      if (over) return { held, over };
    }
    return { held, over: 'rate' };
  }

  /** An error is that of the item. Absent: it has refused a moment ago, and is not asked. */
  async #chargeShared(
    sender: Sender,
    { awayUntilMs }: Held,
    charge: Charge,
  ): Promise<Charged | { readonly error: Unavailable | undefined }> {
    if (charge.nowMs < awayUntilMs) return { error: undefined };
    try {
      return await this.#use.charge(sender, charge);
    } catch (error) {
      // A table that is away is a matter of all accounts.
      if (!(error instanceof Unavailable) || !error.isOfPartition) throw error;
      return { error };
    }
  }

  /** What is over a limit is counted. It costs a write a second, however much of it comes. */
  async #beyond(
    sender: Sender,
    held: Held,
    asked: Asked,
    over: Over,
    limited: Limited,
    nowMs: number,
  ): Promise<Judged> {
    const { events } = asked;
    const counted = isHard(limited, over)
      ? { events: 0, over: events }
      : { events, over: events, ...sentOf(asked) };
    const next = withPending(held, counted, nowMs);
    if (nowMs < Math.max(held.writtenAtMs + mostPendingMs, held.awayUntilMs)) return { held: next, over };
    try {
      const used = await this.#use.count(sender, pendingIn(next, nowMs), nowMs);
      const at = { usedAtMs: nowMs, writtenAtMs: nowMs };
      return { held: { ...next, used, pending: nothingCounted, ...at }, over };
    } catch (error) {
      if (!(error instanceof Unavailable) || !error.isOfPartition) throw error;
      return { held: { ...next, awayUntilMs: nowMs + awayMs }, over, error };
    }
  }
}

type Over = 'rate' | PeriodName;
type Judged = { readonly held: Held; readonly over?: Over; readonly error?: Unavailable };

const isHard = ({ isRateHard, areQuotasHard = false }: Limited, over: Over): boolean =>
  over === 'rate' ? isRateHard : areQuotasHard;

function retryMsOf(over: Over, held: Held, { units }: Asked, { rate }: Limited, nowMs: number): number {
  // Others may have begun a day that this clock has not.
  if (over !== 'rate') return periodAt(over, Math.max(nowMs, held.used.counted.dayMs)).endMs - nowMs;
  return waitMs(held.used.usedUntil, costOf(units, rate), nowMs);
}
