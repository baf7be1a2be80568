import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoUse } from '../../../adapters/limits/dynamodb-use.ts';
import { MemoryUse } from '../../../adapters/limits/memory-use.ts';
import { eventUseKey } from '../../../domain/keys.ts';
import type { Use } from '../../../domain/limits/port.ts';
import { nothingCounted } from '../../../domain/limits/quota.ts';
import { microsOf } from '../../../domain/limits/rate.ts';
import { dayMs, hourMs } from '../../../domain/system/time.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

let run = 0;
let tenant = { account: 'acme', environment: 'production', generation: 0 };
beforeEach(() => {
  run += 1;
  tenant = { account: `acme-${run}`, environment: 'production', generation: 0 };
});

const nowMs = Date.parse('2026-11-29T10:25:00.000Z');
const today = Date.parse('2026-11-29T00:00:00.000Z');
const now = microsOf(nowMs);
const cost = 1000;
const room = 10_000;
const charge = { cost, room, nowMs, count: nothingCounted };
const events = (count: number) => ({ events: count, over: 0 });

describe.each<[string, () => Use]>([
  ['memory', () => new MemoryUse()],
  ['DynamoDB', () => new DynamoUse(tables.table('ledger'), eventUseKey)],
])('what is used of a rate in %s', (_, create) => {
  it('begins now, and is moved on by what is charged', async () => {
    const use = create();

    expect(await use.charge(tenant, charge)).toMatchObject({ isCharged: true, usedUntil: now + cost });
    expect(await use.charge(tenant, charge)).toMatchObject({ isCharged: true, usedUntil: now + 2 * cost });
  });

  it('begins again once nothing is used', async () => {
    const use = create();
    await use.charge(tenant, charge);
    const later = { ...charge, nowMs: nowMs + 2 };

    expect(await use.charge(tenant, later)).toMatchObject({ isCharged: true, usedUntil: now + 2000 + cost });
  });

  it('charges nothing more than the room ahead, and tells what is used', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, cost: room });

    expect(await use.charge(tenant, charge)).toMatchObject({ isCharged: true, usedUntil: now + room + cost });
    expect(await use.charge(tenant, charge)).toMatchObject({
      isCharged: false,
      usedUntil: now + room + cost,
    });
    expect(await use.charge(tenant, { ...charge, nowMs: nowMs + 1 })).toMatchObject({ isCharged: true });
  });

  it('is of one account and environment', async () => {
    const use = create();
    await use.charge(tenant, charge);

    expect(await use.charge({ ...tenant, environment: 'staging' }, charge)).toMatchObject({
      usedUntil: now + cost,
    });
  });

  it('admits no more when several charge at once', async () => {
    const use = create();
    const charged = await Promise.all(Array.from({ length: 20 }, () => use.charge(tenant, charge)));

    expect(charged.filter(({ isCharged }) => isCharged)).toHaveLength(11);
  });
});

describe.each<[string, () => Use]>([
  ['memory', () => new MemoryUse()],
  ['DynamoDB', () => new DynamoUse(tables.table('ledger'), eventUseKey)],
])('what is counted in %s', (_, create) => {
  const quotas = { day: 100, month: 150 };
  const counted = async (use: Use, atMs = nowMs) => (await use.find(tenant, atMs)).counted;

  it('is nothing of an account that never sent', async () => {
    expect(await create().find(tenant, nowMs)).toEqual({
      usedUntil: 0,
      counted: { dayMs: today, day: events(0), month: events(0) },
    });
  });

  it('grows with each charge, and without one', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, count: { events: 3, over: 1 } });
    const { counted: after } = await use.count(tenant, { events: 4, over: 2 }, nowMs);

    expect(after).toEqual({ dayMs: today, day: { events: 7, over: 3 }, month: { events: 7, over: 3 } });
    expect(await counted(use)).toEqual(after);
  });

  it('is up to the quota, and nothing is charged beyond it', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, count: events(60), quotas });
    const refused = await use.charge(tenant, { ...charge, count: events(41), quotas });

    expect(refused).toMatchObject({ isCharged: false, usedUntil: now + cost, counted: { day: events(60) } });
    expect(await use.charge(tenant, { ...charge, count: events(40), quotas })).toMatchObject({
      isCharged: true,
      counted: { day: events(100) },
    });
  });

  it('begins again with the day, and with the month', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, count: events(100), quotas });
    const tomorrow = { ...charge, nowMs: nowMs + dayMs };

    expect(await use.charge(tenant, { ...tomorrow, count: events(51), quotas })).toMatchObject({
      isCharged: false,
      counted: { dayMs: today + dayMs, day: events(0), month: events(100) },
    });
    await use.charge(tenant, { ...tomorrow, count: events(50), quotas });
    const december = await use.charge(tenant, {
      ...charge,
      nowMs: nowMs + 2 * dayMs,
      count: events(70),
      quotas,
    });
    expect(december).toMatchObject({
      isCharged: true,
      counted: { dayMs: today + 2 * dayMs, day: events(70), month: events(70) },
    });
  });

  it('by a clock that is behind is of the day before, which others have ended', async () => {
    const use = create();
    await use.count(tenant, events(100), today);
    await use.count(tenant, events(5), today + dayMs);

    expect((await use.count(tenant, events(2), today + dayMs - 1)).counted).toMatchObject({
      dayMs: today + dayMs,
      day: events(5),
      month: events(107),
    });
    expect(await use.charge(tenant, { ...charge, nowMs: today + dayMs - 1, count: events(1) })).toMatchObject(
      { isCharged: true, counted: { day: events(5), month: events(108) } },
    );
    // It is not counted twice.
    expect(await use.correct(tenant, today, 103, today + dayMs)).toBe(false);
  });

  it('by a clock that is behind is not of the month that others have begun', async () => {
    const use = create();
    await use.count(tenant, events(100), today + dayMs);
    await use.count(tenant, events(5), today + 2 * dayMs);
    await use.count(tenant, events(2), today + 2 * dayMs - 1);

    expect(await counted(use, today + 2 * dayMs)).toMatchObject({ day: events(5), month: events(5) });
  });

  it('loses nothing when several begin a day at once', async () => {
    const use = create();
    await use.count(tenant, events(10), nowMs);
    const atOnce = Array.from({ length: 8 }, () => use.count(tenant, events(1), nowMs + dayMs));
    await Promise.all(atOnce);

    expect(await counted(use, nowMs + dayMs)).toMatchObject({ day: events(8), month: events(18) });
  });

  it('is corrected by what was received, again if that is more by then', async () => {
    const use = create();
    await use.count(tenant, events(10), nowMs);
    await use.count(tenant, events(3), nowMs + dayMs);

    expect(await use.correct(tenant, today, 2, nowMs + dayMs)).toBe(true);
    expect(await counted(use, nowMs + dayMs)).toMatchObject({ day: events(3), month: events(5) });
    expect(await use.correct(tenant, today, 2, nowMs + dayMs)).toBe(false);
    expect(await use.correct(tenant, today, 12, nowMs + dayMs)).toBe(true);
    expect(await counted(use, nowMs + dayMs)).toMatchObject({ day: events(3), month: events(15) });
  });

  it('goes down by what came to nothing', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, count: events(90), quotas });
    await use.count(tenant, events(-90), nowMs);

    expect(await use.charge(tenant, { ...charge, count: events(100), quotas })).toMatchObject({
      isCharged: true,
      counted: { day: events(100), month: events(100) },
    });
  });

  it('is corrected also if nothing was sent since, and not into the next month', async () => {
    const use = create();
    await use.count(tenant, events(10), nowMs + dayMs);

    expect(await use.correct(tenant, today + dayMs, 12, nowMs + 2 * dayMs)).toBe(true);
    expect(await counted(use, nowMs + 2 * dayMs)).toMatchObject({ month: events(0) });
  });

  it('is not corrected of an account that never sent, nor of another day', async () => {
    const use = create();
    expect(await use.correct(tenant, today, 12, nowMs + dayMs)).toBe(false);
    await use.count(tenant, events(10), nowMs);

    expect(await use.correct(tenant, today - dayMs, 12, nowMs + hourMs)).toBe(false);
    expect(await use.correct(tenant, today - dayMs, 12, nowMs + dayMs)).toBe(false);
    expect(await counted(use, nowMs + dayMs)).toMatchObject({ month: events(10) });
  });
});

describe.each<[string, () => Use]>([
  ['memory', () => new MemoryUse()],
  ['DynamoDB', () => new DynamoUse(tables.table('ledger'), eventUseKey)],
])('what was sent to lanes in %s', (_, create) => {
  const sentTo = async (use: Use) => (await use.find(tenant, nowMs)).sent;

  it('is noted with what is charged or counted, with what was sent before it', async () => {
    const use = create();
    await use.charge(tenant, charge);
    expect(await sentTo(use)).toBeUndefined();

    const first = { 0: { lastMs: nowMs }, '0_late': { lastMs: nowMs } };
    await use.charge(tenant, { ...charge, count: { ...nothingCounted, sent: first } });
    expect(await sentTo(use)).toEqual({
      0: { lastMs: nowMs, beforeMs: 0 },
      '0_late': { lastMs: nowMs, beforeMs: 0 },
    });

    await use.count(tenant, { ...nothingCounted, sent: { 0: { lastMs: nowMs + 5 } } }, nowMs);
    await use.count(tenant, nothingCounted, nowMs);
    await use.charge(tenant, {
      ...charge,
      count: { ...nothingCounted, sent: { '7_late': { lastMs: nowMs + 9, beforeMs: nowMs + 8 } } },
    });
    expect(await sentTo(use)).toEqual({
      0: { lastMs: nowMs + 5, beforeMs: nowMs },
      '0_late': { lastMs: nowMs, beforeMs: 0 },
      '7_late': { lastMs: nowMs + 9, beforeMs: nowMs + 8 },
    });
  });

  it('is taken back if it is the last, and what was before it stands for all before', async () => {
    const use = create();
    const noted = (lastMs: number) => ({ ...nothingCounted, sent: { 0: { lastMs }, '0_late': { lastMs } } });
    await use.count(tenant, noted(nowMs), nowMs);
    await use.count(tenant, noted(nowMs + 5), nowMs);

    await use.takeBack(tenant, { 0: { lastMs: nowMs + 5 }, '0_late': { lastMs: nowMs } }, nowMs);
    await use.takeBack(tenant, { 1: { lastMs: nowMs } }, nowMs);
    expect(await sentTo(use)).toEqual({
      0: { lastMs: nowMs, beforeMs: nowMs },
      '0_late': { lastMs: nowMs + 5, beforeMs: nowMs },
    });
  });

  it('is never sent again if its only batch is taken back', async () => {
    const use = create();
    await use.takeBack(tenant, { 0: { lastMs: nowMs } }, nowMs);
    expect(await sentTo(use)).toBeUndefined();
    await use.count(tenant, { ...nothingCounted, sent: { 0: { lastMs: nowMs } } }, nowMs);
    await use.takeBack(tenant, { 0: { lastMs: nowMs } }, nowMs);
    expect(await sentTo(use)).toEqual({ 0: { lastMs: 0, beforeMs: 0 } });
  });

  it('stays from day to day, and is not noted if nothing is charged', async () => {
    const use = create();
    const count = { ...nothingCounted, sent: { 0: { lastMs: nowMs } } };
    await use.charge(tenant, { ...charge, cost: room + 1, count });
    const tomorrow = nowMs + dayMs;
    await use.charge(tenant, { ...charge, nowMs: tomorrow, cost: room + 1 });
    const refused = { ...nothingCounted, sent: { 0: { lastMs: tomorrow } } };

    expect(await use.charge(tenant, { ...charge, nowMs: tomorrow, count: refused })).toMatchObject({
      isCharged: false,
      sent: { 0: { lastMs: nowMs, beforeMs: 0 } },
    });
    expect((await use.find(tenant, tomorrow)).sent).toEqual({ 0: { lastMs: nowMs, beforeMs: 0 } });
  });
});
