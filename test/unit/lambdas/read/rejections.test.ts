// GET /v1/rejections, as its function answers it.

import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { allows, findRoute } from '../../../../domain/api/routes.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import { makeSeed, seedText } from '../../../../domain/record/batch-id.ts';
import { mostListed } from '../../../../domain/rejections/rejections-answer.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { readKeptEvents, readRejections } from '../../../../lambdas/read/rejections.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { rejectionRecord } from '../../../support/rejections.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

const { tenant } = caller;
let rejections: MemoryRejections;
beforeEach(() => {
  rejections = new MemoryRejections();
});
const read = (query: Record<string, string> = {}) =>
  readRejections(
    { rejections, clock: new TestClock(nowMs) },
    httpRequest({ method: 'GET', resource: '/v1/rejections', query }),
  );
const faultOf = (query: Record<string, string>) =>
  read(query).then(
    () => undefined,
    ({ code, extra }) => [code, extra.parameter],
  );
const count = (...records: ReturnType<typeof rejectionRecord>[]) => rejections.count(tenant, records, nowMs);
const unused = () => Promise.reject(new Error('It is not asked.'));
const unknown = (field: string, times = 1) => ({
  counts: [{ code: 'unknown_field', field, count: times }],
  samples: [],
});

describe('the answer', () => {
  it('has the greatest group first, with a count for each of 30 days, and a sample of each code and field', async () => {
    await count(
      rejectionRecord('a', {}, nowMs - 29 * dayMs),
      rejectionRecord('b', {}, nowMs - dayMs),
      rejectionRecord('c'),
      rejectionRecord('d', { client: 'node' }),
      rejectionRecord('e', unknown('tpye', 7)),
    );

    const { rejections: groups, samples, ...rest } = await read();

    expect(rest).toEqual({
      account_id: 'acme',
      environment: 'production',
      from: '2026-10-23T00:00:00.000Z',
      to: '2026-11-21T11:00:00.000Z',
      complete: true,
      total: 11,
      daily_from: '2026-10-23T00:00:00.000Z',
    });
    expect(groups.map(({ code, client, count: times }) => [code, client, times])).toEqual([
      ['unknown_field', 'curl/8.5.0', 7],
      ['missing_field', 'curl/8.5.0', 3],
      ['missing_field', 'node', 1],
    ]);
    expect(groups[1]).toEqual({
      ...{ code: 'missing_field', field: 'type', key_id: 'abcdefabcdef', client: 'curl/8.5.0', count: 3 },
      first_seen: '2026-10-23T10:25:00.000Z',
      last_seen: '2026-11-21T10:25:00.000Z',
      daily: [1, ...Array(27).fill(0), 1, 1],
    });
    expect(samples).toEqual([
      {
        ...{ code: 'missing_field', field: 'type', message: 'type is required.', event: { event_id: 'e' } },
        seen_at: '2026-11-21T10:25:00.000Z',
      },
    ]);
  });

  it('is empty for who was refused nothing, and says nothing of other environments', async () => {
    await rejections.count({ ...tenant, environment: 'staging' }, [rejectionRecord('a')], nowMs);
    await rejections.count({ ...tenant, generation: 1 }, [rejectionRecord('a')], nowMs);

    expect(await read()).toMatchObject({ total: 0, rejections: [], samples: [], complete: true });
  });

  it('shows what is asked for by code, field, key and client', async () => {
    await count(
      rejectionRecord('a'),
      rejectionRecord('b', { keyId: 'other' }),
      rejectionRecord('c', { client: 'node' }),
      rejectionRecord('d', unknown('tpye')),
    );

    expect(await read({ code: 'missing_field' })).toMatchObject({ total: 3 });
    expect(await read({ field: 'tpye' })).toMatchObject({ total: 1, samples: [] });
    expect(await read({ key_id: 'other' })).toMatchObject({ total: 1 });
    expect(await read({ client: 'node', code: 'missing_field' })).toMatchObject({ total: 1 });
    expect(await read({ client: 'node', code: 'unknown_field' })).toMatchObject({ total: 0 });
  });

  it('covers the whole hours that are asked for', async () => {
    const at = (hours: number) => floorTo(nowMs, hourMs) - hours * hourMs;
    await count(...[0, 1, 2, 3].map((hours) => rejectionRecord(`h${hours}`, {}, at(hours) + 1)));

    const answer = await read({
      from: new Date(at(2) + 60_000).toISOString(),
      to: new Date(at(0)).toISOString(),
    });

    expect(answer).toMatchObject({
      total: 2,
      from: '2026-11-21T08:00:00.000Z',
      to: '2026-11-21T10:00:00.000Z',
    });
    expect(answer.rejections[0]?.daily).toEqual([2]);
  });

  it('tells what is past the most groups by code, and loses no count', async () => {
    const records = Array.from({ length: 150 }, (_, index) =>
      rejectionRecord(`r${index}`, unknown(`f${index}`, 1 + (index % 3)), nowMs - index * hourMs),
    );
    await count(...records);

    const { total, rejections: groups } = await read();

    expect(groups).toHaveLength(mostListed + 1);
    expect(groups.at(-1)).toMatchObject({ code: 'unknown_field', field: otherName, key_id: otherName });
    expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(total);
    for (const { daily, count: times } of groups) expect(daily.reduce((sum, each) => sum + each)).toBe(times);
  });

  it('says from when on it covers if not all was read', async () => {
    const fromMs = floorTo(nowMs, dayMs) - 3 * dayMs;
    const partial = { hours: async () => ({ hours: [], fromMs }) };

    const answer = await readRejections(
      { rejections: { ...partial, kept: unused, samples: async () => [] }, clock: new TestClock(nowMs) },
      httpRequest({ method: 'GET', resource: '/v1/rejections' }),
    );

    expect(answer).toMatchObject({
      complete: false,
      from: '2026-11-18T00:00:00.000Z',
      daily_from: '2026-11-18T00:00:00.000Z',
    });
  });
});

it.each([
  [{ windw: '7d' }, 'windw'],
  [{ to: '2026-11-20T00:00:00Z' }, 'to'],
  [{ from: 'yesterday' }, 'from'],
  [{ from: '2026-11-20T00:00:00Z', to: '2026-11-19T00:00:00Z' }, 'from'],
  [{ from: '2026-10-01T00:00:00Z' }, 'from'],
])('a wrong query %j is refused by the name of its parameter', async (query, parameter) => {
  expect(await faultOf(query as Record<string, string>)).toEqual(['invalid_parameter', parameter]);
});

it('is for keys that read, and for people who may see single events', () => {
  const route = findRoute('GET', '/v1/rejections') ?? expect.fail('no route');

  expect([allows(route, ['read']), allows(route, ['ingest'])]).toEqual([true, false]);
  expect([allows(route, 'analyst'), allows(route, 'viewer')]).toEqual([true, false]);
});

describe('kept events', () => {
  const keptAt = (receivedAtMs: number, times = 1) => {
    const event = {
      code: 'missing_field',
      field: 'type',
      message: 'type is required.',
      event: { event_id: 'e' },
    };
    const kept = { days: 7, events: Array(times).fill(event), leftOut: 2 };
    const seed = seedText(makeSeed(receivedAtMs, Buffer.alloc(9, receivedAtMs % 256)));
    return rejectionRecord(seed, { kept }, receivedAtMs);
  };
  const readKept = (query: Record<string, string> = {}) =>
    readKeptEvents(
      { rejections, clock: new TestClock(nowMs) },
      httpRequest({ method: 'GET', resource: '/v1/rejections/events', query }),
    );

  it('are listed by request, as they can be corrected and sent', async () => {
    await count(keptAt(nowMs - hourMs));

    expect(await readKept()).toEqual({
      account_id: 'acme',
      environment: 'production',
      requests: [
        {
          ...{ request_id: 'r', key_id: 'abcdefabcdef', client: 'curl/8.5.0', left_out: 2 },
          ...{ received_at: '2026-11-21T09:25:00.000Z', expires_at: '2026-11-28T09:25:00.000Z' },
          events: [
            { code: 'missing_field', field: 'type', message: 'type is required.', event: { event_id: 'e' } },
          ],
        },
      ],
    });
  });

  it('are listed in pages, the newest first, each once', async () => {
    await count(...[5, 4, 3, 2, 1].map((ago) => keptAt(nowMs - ago)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await readKept({ limit: '2', ...(cursor !== undefined && { cursor }) });
      seen.push(...answer.requests.map(({ received_at }) => received_at));
      cursor = answer.next_cursor;
    } while (cursor !== undefined);

    expect(seen).toEqual([1, 2, 3, 4, 5].map((ago) => new Date(nowMs - ago).toISOString()));
  });

  it.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ limit: 'ten' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
    [{ cursor: '' }, 'cursor'],
    [{ cursor: '_'.repeat(20) }, 'cursor'],
    [{ cursor: `${seedText(makeSeed(nowMs, Buffer.alloc(9)))}A` }, 'cursor'],
    [{ cursor: 'AZrhzgk4c9bTq0mR2Xw/' }, 'cursor'],
    [{ code: 'x' }, 'code'],
  ])('a wrong query %j is refused by the name of its parameter', async (query, parameter) => {
    await expect(readKept(query as Record<string, string>)).rejects.toMatchObject({
      code: 'invalid_parameter',
      extra: { parameter },
    });
  });
});
