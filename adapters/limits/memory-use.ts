// What is used of limits, in memory.

import { type Sender, senderKey } from '../../domain/keys.ts';
import type { Charge, Charged, Counting, Use, Used } from '../../domain/limits/port.ts';
import { countedAt, periodAt, quotaOver } from '../../domain/limits/quota.ts';
import { microsOf } from '../../domain/limits/rate.ts';
import type { Sending } from '../../domain/limits/sent.ts';

type Kept = Used & { readonly lastDay?: { readonly dayMs: number; readonly events: number } };

export class MemoryUse implements Use {
  readonly #kept = new Map<string, Kept>();

  async charge(sender: Sender, { cost, room, count, quotas, nowMs }: Charge): Promise<Charged> {
    const kept = this.#at(sender, nowMs);
    const now = microsOf(nowMs);
    const isOver = quotas && quotaOver(quotas, kept.counted, count.events);
    if (isOver || kept.usedUntil > now + room) return { ...kept, isCharged: false };
    const usedUntil = Math.max(kept.usedUntil, now) + cost;
    return { ...this.#keep(sender, added({ ...kept, usedUntil }, count, nowMs)), isCharged: true };
  }

  async count(sender: Sender, count: Counting, nowMs: number): Promise<Used> {
    return this.#keep(sender, added(this.#at(sender, nowMs), count, nowMs));
  }

  async takeBack(sender: Sender, never: Sending, nowMs: number): Promise<void> {
    const kept = this.#at(sender, nowMs);
    const sent = Object.entries(kept.sent ?? {}).map(([lane, { lastMs, beforeMs }]) => {
      const isLast = never[lane]?.lastMs === lastMs;
      return [lane, { lastMs: isLast ? beforeMs : lastMs, beforeMs }] as const;
    });
    if (sent.length > 0) this.#keep(sender, { ...kept, sent: Object.fromEntries(sent) });
  }

  async find(sender: Sender, nowMs: number): Promise<Used> {
    return this.#at(sender, nowMs);
  }

  async correct(sender: Sender, dayMs: number, received: number, nowMs: number): Promise<boolean> {
    const { lastDay, ...kept } = this.#at(sender, nowMs);
    if (lastDay?.dayMs !== dayMs || lastDay.events === received) return false;
    const { counted } = kept;
    const isSameMonth = periodAt('month', dayMs).startMs === periodAt('month', counted.dayMs).startMs;
    const events = counted.month.events + (isSameMonth ? received - lastDay.events : 0);
    const month = { ...counted.month, events };
    this.#keep(sender, { ...kept, counted: { ...counted, month }, lastDay: { dayMs, events: received } });
    return true;
  }

  /** With the day that it is. */
  #at(sender: Sender, nowMs: number): Kept {
    const kept = this.#kept.get(senderKey(sender));
    const counted = countedAt(kept?.counted, nowMs);
    if (!kept) return { usedUntil: 0, counted };
    if (counted === kept.counted) return kept;
    const lastDay = { dayMs: kept.counted.dayMs, events: kept.counted.day.events };
    return { ...kept, counted, lastDay };
  }

  #keep(sender: Sender, kept: Kept): Used {
    this.#kept.set(senderKey(sender), kept);
    const { lastDay: _, ...used } = kept;
    return used;
  }
}

function added(before: Kept, { events, over, sent = {} }: Counting, nowMs: number): Kept {
  const noted = Object.entries(sent).map(([lane, { lastMs, beforeMs }]) => {
    return [lane, { lastMs, beforeMs: beforeMs ?? before.sent?.[lane]?.lastMs ?? 0 }] as const;
  });
  const kept =
    noted.length > 0 ? { ...before, sent: { ...before.sent, ...Object.fromEntries(noted) } } : before;
  const { counted, lastDay } = kept;
  const { dayMs, day, month } = counted;
  // By a clock that is behind: it is of the day before.
  if (lastDay?.dayMs === periodAt('day', nowMs).startMs) {
    const isSameMonth = periodAt('month', lastDay.dayMs).startMs === periodAt('month', dayMs).startMs;
    const inMonth = { events: month.events + (isSameMonth ? events : 0), over: month.over + over };
    return {
      ...kept,
      lastDay: { ...lastDay, events: lastDay.events + events },
      counted: { dayMs, day: { ...day, over: day.over + over }, month: inMonth },
    };
  }
  return {
    ...kept,
    counted: {
      dayMs,
      day: { events: day.events + events, over: day.over + over },
      month: { events: month.events + events, over: month.over + over },
    },
  };
}
