// What has expired is hidden at one instant, whatever is asked: see domain/reading/visible.ts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { type Account, settingsOf, withSettings } from '../../../../domain/accounts/accounts.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import { newestMs, oldestMs } from '../../../../domain/event/time-bounds.ts';
import { lanesOf } from '../../../../domain/keys.ts';
import { makeCursor, questionOf } from '../../../../domain/reading/search-cursor.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { readEvents } from '../../../../lambdas/read/events.ts';
import { findEvent } from '../../../../lambdas/read/find-event.ts';
import { summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { readSeries, readSeriesQuestion } from '../../../../lambdas/read/series.ts';
import { readSummary, readSummaryQuestion } from '../../../../lambdas/read/summary.ts';
import { event, nowMs } from '../../../support/events.ts';
import { silentLogger } from '../../../support/meter.ts';
import { caller, httpRequest } from '../../../support/requests.ts';
import { recordOf, World } from '../consume/fixture.ts';

const { tenant } = caller;

class Stage {
  readonly world = new World();
  readonly days = new MemoryDays(this.world.lanes);
  /** Everything that was ever promised, with the time since which it is not promised any more. */
  readonly #promised: { readonly days: number; untilMs: number }[] = [];
  account: Account = {
    ...{ id: tenant.account, createdAtMs: 0, tier: 'standard', overrides: {}, status: 'active' },
    ...{ mostSlots: 1, generation: 0, planKey: 'plan-key' },
  };

  constructor() {
    this.#promise();
  }

  set(retentionDays: number): void {
    const { clock } = this.world;
    this.account = withSettings(
      this.account,
      { tier: 'standard', overrides: { retentionDays } },
      clock.nowMs,
    );
    const last = this.#promised.at(-1);
    // Authorize may not know of the change for so long.
    if (last) last.untilMs = clock.nowMs + 10 * minuteMs + 30 * secondMs;
    this.#promise();
  }

  #promise(): void {
    this.#promised.push({ days: settingsOf(this.account).retentionDays, untilMs: Number.POSITIVE_INFINITY });
  }

  /** The last instant at which the hour of this time is shown, if nothing changes any more. */
  lastShownMs(atMs: number): number {
    const receivedMs = floorTo(atMs, hourMs) - newestMs;
    const days = this.#promised.filter(({ untilMs }) => receivedMs < untilMs).map((each) => each.days);
    return receivedMs + Math.min(...days) * dayMs;
  }

  async store(id: string, timestamp: number): Promise<void> {
    const { clock, consume } = this.world;
    const { retentionDays } = settingsOf(this.account);
    const late = timestamp < clock.nowMs - dayMs;
    const sent = event({ event_id: id, timestamp });
    const record = recordOf(id, [sent], clock.nowMs, { retentionDays, late });
    expect(await consume(record)).toEqual({ batchItemFailures: [] });
  }

  get #caller(): Caller {
    const { formerRetentions } = this.account;
    const { retentionDays } = settingsOf(this.account);
    return { ...caller, retentionDays, ...(formerRetentions && { formerRetentions }) };
  }

  #request(query: Record<string, string>) {
    return httpRequest({ method: 'GET', query, caller: this.#caller });
  }

  readonly #deps = () => {
    const { lanes, clock } = this.world;
    return { lanes, days: this.days, clock, logger: silentLogger, summaryLimits, eventUse: new MemoryUse() };
  };

  readonly summary = (query: Record<string, string>) =>
    readSummary(this.#deps(), readSummaryQuestion(this.#request(query), this.world.clock.nowMs));

  readonly series = (query: Record<string, string>) =>
    readSeries(this.#deps(), readSeriesQuestion(this.#request(query), this.world.clock.nowMs));

  async isFound(id: string): Promise<boolean> {
    return (await findEvent(this.world, this.#caller, id)) !== undefined;
  }

  readonly search = async (query: Record<string, string> = {}) => {
    const { events, in_order, next_cursor } = await readEvents(this.world, this.#request(query));
    return { ids: events.map(({ event_id }) => event_id), isInOrder: in_order, cursor: next_cursor };
  };

  /** Into documents. */
  async fold(): Promise<void> {
    const { lanes, clock, meter } = this.world;
    const pauses = { contested: async () => {} };
    const others = { limits: runLimits, meter, logger: silentLogger, pauses };
    for (const lane of lanesOf(tenant, 1)) await foldRun({ lanes, clock, ...others }, lane);
  }

  /** What holds the event of this record: a page, a receipt, and an hour if it is folded. */
  async expiries(id: string, atMs: number): Promise<number[]> {
    const { pages, lanes } = this.world;
    const held = [...pages.written.values()].filter(({ events }) =>
      events.some((each) => each.event_id === id),
    );
    const receipt = this.world.receipt(id);
    const from = floorTo(atMs, hourMs);
    const documents = await Promise.all(
      lanesOf(tenant, 1).map((lane) => lanes.documentsBetween(lane, 'hour', from, from + hourMs)),
    );
    const all = [...held, ...(receipt ? [receipt] : []), ...documents.flatMap((page) => page.documents)];
    return all.map(({ expiresAtMs }) => expiresAtMs);
  }
}

const day = (atMs: number) => ({ from: iso(floorTo(atMs, dayMs)), to: iso(floorTo(atMs, dayMs) + dayMs) });
const hour = (atMs: number) => ({
  from: iso(floorTo(atMs, hourMs)),
  to: iso(floorTo(atMs, hourMs) + hourMs),
});

async function expectAllAgree(stage: Stage, id: string, atMs: number): Promise<void> {
  const { nowMs: askedMs } = stage.world.clock;
  const isShown = askedMs <= stage.lastShownMs(atMs);
  const shown = isShown ? 1 : 0;
  expect(await stage.isFound(id)).toBe(isShown);
  for (const order of ['asc', 'desc'])
    expect((await stage.search({ order })).ids).toEqual(isShown ? [id] : []);
  const kept = await stage.expiries(id, atMs);
  expect(kept.length).toBeGreaterThan(1);
  if (isShown) for (const expiresAtMs of kept) expect(expiresAtMs).toBeGreaterThanOrEqual(askedMs);
  if (askedMs < atMs) return;
  for (const question of [hour(atMs), day(atMs)]) {
    expect((await stage.summary(question)).total).toBe(shown);
    for (const interval of ['hour', 'day'])
      expect((await stage.series({ interval, ...question })).total).toBe(shown);
  }
}

describe('what has expired', () => {
  it('is hidden at one instant, and never before it can be deleted, however retention changes', async () => {
    const changes = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 40 * dayMs }), fc.integer({ min: 30, max: 90 })),
      { maxLength: 4 },
    );
    const age = fc.oneof(
      fc.integer({ min: -newestMs, max: 2 * hourMs }),
      fc.integer({ min: 0, max: oldestMs }),
    );
    await fc.assert(
      fc.asyncProperty(changes, changes, age, fc.boolean(), async (before, after, ageMs, isFolded) => {
        const stage = new Stage();
        const { clock } = stage.world;
        for (const [waitMs, days] of before) {
          clock.nowMs += waitMs;
          stage.set(days);
        }
        const atMs = clock.nowMs - ageMs;
        await stage.store('a', atMs);
        await expectAllAgree(stage, 'a', atMs);
        if (isFolded) {
          clock.nowMs += 3 * hourMs;
          await stage.fold();
        }
        for (const [waitMs, days] of after) {
          clock.nowMs += waitMs;
          await expectAllAgree(stage, 'a', atMs);
          stage.set(days);
          await expectAllAgree(stage, 'a', atMs);
        }
        const lastMs = stage.lastShownMs(atMs);
        if (lastMs < clock.nowMs) return;
        clock.nowMs = lastMs;
        await expectAllAgree(stage, 'a', atMs);
        clock.nowMs = lastMs + 1;
        await expectAllAgree(stage, 'a', atMs);
      }),
      { numRuns: 100 },
    );
  });

  it('is not in the day of what is shown, although a fold of the whole day is stored', async () => {
    const stage = new Stage();
    const { clock } = stage.world;
    const [firstMs, secondMs] = [nowMs, nowMs + hourMs];
    await stage.store('a', firstMs);
    clock.nowMs = secondMs;
    await stage.store('b', secondMs);
    clock.nowMs = nowMs + 3 * dayMs;
    await stage.fold();
    expect((await stage.summary(day(nowMs))).total).toBe(2);
    const start = floorTo(nowMs, dayMs);
    expect(await stage.days.stored('day', tenant, 1, start, start + dayMs, clock.nowMs)).toHaveLength(1);

    clock.nowMs = stage.lastShownMs(firstMs) + 1;

    const summary = await stage.summary(day(nowMs));
    expect([summary.from, summary.total]).toEqual([iso(floorTo(secondMs, hourMs)), 1]);
    const series = await stage.series({ interval: 'day', from: day(nowMs).from, to: iso(nowMs + 2 * dayMs) });
    expect([series.from, series.total]).toEqual([summary.from, 1]);
    expect(series.points.map(({ from }) => from.slice(5, 13))).toEqual(['11-21T11', '11-22T00', '11-23T00']);
  });

  it.each(['asc', 'desc'])(
    'between two pages of a search is not on the second one, order %s',
    async (order) => {
      const stage = new Stage();
      const { clock, platformKeys } = stage.world;
      await platformKeys.current();
      await stage.store('a', nowMs);
      await stage.store('b', nowMs + 1);
      clock.nowMs = nowMs + hourMs;
      await stage.store('c', clock.nowMs);
      clock.nowMs = stage.lastShownMs(nowMs);
      const query = { order, limit: '1' };
      const first = await stage.search(query);
      expect(first.ids).toEqual([order === 'asc' ? 'a' : 'c']);
      clock.nowMs += 1;

      const second = await stage.search({ ...query, cursor: first.cursor ?? '' });

      expect(second).toMatchObject({ ids: order === 'asc' ? ['c'] : [], cursor: undefined });
    },
  );

  it('of a minute that a search reads page by page leaves what comes after it', async () => {
    const stage = new Stage();
    const { clock, platformKeys } = stage.world;
    await stage.store('a', nowMs);
    clock.nowMs += hourMs;
    await stage.store('b', clock.nowMs);
    clock.nowMs = stage.lastShownMs(nowMs) + 1;
    const cursor = {
      ...{ position: { timestamp: nowMs - 1 }, minute: { list: 1 }, slots: 1, madeAtMs: clock.nowMs },
      ...{ bounds: { fromMs: 0, toMs: clock.nowMs }, question: questionOf({ order: 'asc' }) },
    };
    const signed = makeCursor(cursor, tenant, await platformKeys.current());

    const answer = await stage.search({ order: 'asc', cursor: signed });

    expect(answer).toEqual({ ids: ['b'], isInOrder: true, cursor: undefined });
  });

  it('all of a question leaves an answer of nothing', async () => {
    const stage = new Stage();
    await stage.store('a', nowMs);
    stage.world.clock.nowMs += 40 * dayMs;

    const { to } = day(nowMs);
    expect(await stage.summary(day(nowMs))).toMatchObject({ from: to, to, total: 0, by_type: [] });
    const series = await stage.series({ interval: 'hour', group_by: 'type', ...day(nowMs) });
    expect(series).toMatchObject({ from: to, to, total: 0, points: [], groups: [] });
  });
});
