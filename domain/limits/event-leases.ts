// How an instance admits events. With what a batch needs, it charges what its next half second may need: such a lease spares
// the table a write for each batch. A lease lapses after a second of wall-clock time, so that an instance that was frozen
// does not come back with one.

import { type Tenant, tenantKey } from '../keys.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import type { Clock } from '../system/port.ts';
import { secondMs } from '../system/time.ts';
import {
  burstMicros,
  costOf,
  type EventRate,
  type Micros,
  microsOf,
  roomFor,
  type Standing,
  standingOf,
  waitMs,
} from './event-rate.ts';
import type { Charged, EventUse } from './port.ts';

const leaseLifeMs = secondMs;
const leaseAheadMs = secondMs / 2;
/** A shorter time tells no pace. */
const leastPaceMs = 100;

export type Decision = Standing & {
  readonly isAdmitted: boolean;
  /** How long until what was refused would be admitted, if nothing else is. */
  readonly retryMs: number;
};

type Held = {
  /** As the table said last. It only grows, so that what it refuses is refused without a call. */
  readonly usedUntil: Micros;
  /** What this instance has charged of all that was charged since its charge before. */
  readonly share: number;
  readonly takenAtMs: number;
  /** Since `takenAtMs`. */
  sent: number;
  /** Charged and not sent. */
  left: number;
};

const nothingHeld: Held = { usedUntil: 0, share: 0, takenAtMs: 0, sent: 0, left: 0 };

/** Some 200 bytes each. */
const mostHeld = 10_000;

export class EventLeases {
  readonly #use: EventUse;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #held = new BoundedMap<Held>(mostHeld);

  constructor(use: EventUse, clock: Pick<Clock, 'now'>) {
    this.#use = use;
    this.#clock = clock;
  }

  async admit(tenant: Tenant, events: number, rate: EventRate): Promise<Decision> {
    const name = tenantKey(tenant);
    const nowMs = this.#clock.now();
    const held = this.#held.get(name) ?? nothingHeld;
    // A clock that was set back does not prolong a lease.
    const isLive = nowMs >= held.takenAtMs && nowMs < held.takenAtMs + leaseLifeMs;
    const leased = isLive ? held.left : 0;
    if (leased >= events) {
      held.left -= events;
      held.sent += events;
      return { ...standing(held, nowMs, rate), isAdmitted: true, retryMs: 0 };
    }
    const needed = events - leased;
    const ahead = isLive ? aheadOf(held, nowMs, rate) : 0;
    const charged = await this.#charge(tenant, { needed, ahead, nowMs, rate }, held.usedUntil);
    const { usedUntil } = charged;
    if (charged.events === 0) {
      this.#held.keep(name, { ...held, usedUntil });
      const retryMs = waitMs(usedUntil, costOf(events, rate), nowMs);
      return { ...standingOf(usedUntil, nowMs, rate), isAdmitted: false, retryMs };
    }
    const share = costOf(charged.events, rate) / Math.max(1, usedUntil - held.usedUntil);
    const next = { usedUntil, share, takenAtMs: nowMs, sent: events, left: charged.events - needed };
    this.#held.keep(name, next);
    return { ...standing(next, nowMs, rate), isAdmitted: true, retryMs: 0 };
  }

  /** As far as this instance knows, without a call. */
  standing(tenant: Tenant, rate: EventRate): Standing {
    return standing(this.#held.get(tenantKey(tenant)) ?? nothingHeld, this.#clock.now(), rate);
  }

  /** What was charged: what is needed and ahead, or what is needed, or nothing. */
  async #charge(
    tenant: Tenant,
    { needed, ahead, nowMs, rate }: Asked,
    known: Micros,
  ): Promise<{ readonly events: number; readonly usedUntil: Micros }> {
    let usedUntil = known;
    for (const events of ahead > 0 ? [needed + ahead, needed] : [needed]) {
      const cost = costOf(events, rate);
      if (waitMs(usedUntil, cost, nowMs) > 0) continue;
      const charged: Charged = await this.#use.charge(tenant, { cost, room: roomFor(cost), nowMs });
      usedUntil = charged.usedUntil;
      if (charged.isCharged) return { events, usedUntil };
    }
    return { events: 0, usedUntil };
  }
}

type Asked = {
  readonly needed: number;
  readonly ahead: number;
  readonly nowMs: number;
  readonly rate: EventRate;
};

/**
 * What the instance sends in half a second, at most its share of what the account may. Nothing once half of the burst is
 * used: what lapses would then be missing.
 */
function aheadOf(
  { usedUntil, sent, takenAtMs, share }: Held,
  nowMs: number,
  { eventsPerMinute }: EventRate,
): number {
  if (usedUntil - microsOf(nowMs) > burstMicros / 2) return 0;
  const pace = sent / Math.max(leastPaceMs, nowMs - takenAtMs);
  const most = Math.min(1, share) * (eventsPerMinute / 60_000);
  return Math.floor(Math.min(pace, most) * leaseAheadMs);
}

/** What is leased is the account's to send. */
function standing({ usedUntil, left }: Held, nowMs: number, rate: EventRate): Standing {
  const used = Math.max(usedUntil, microsOf(nowMs)) - costOf(left, rate);
  return standingOf(used, nowMs, rate);
}
