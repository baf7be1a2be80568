import middy from '@middy/core';
import { describe, expect, it, vi } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { StreamUnavailable } from '../../../../adapters/record/kinesis-errors.ts';
import type { Notice } from '../../../../domain/accounts/notices.ts';
import type { Tenant } from '../../../../domain/keys.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import type { Charge, Use } from '../../../../domain/limits/port.ts';
import type { EventStream } from '../../../../domain/record/port.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';
import { PartitionUnavailable, Unavailable } from '../../../../domain/system/unavailable.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import type { HttpAnswer, HttpRequest } from '../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../lambdas/edge/problem-answers.ts';
import { eventHeaders } from '../../../../lambdas/ingest/event-headers.ts';
import type { IngestDeps } from '../../../../lambdas/ingest/ingest.ts';
import { TestClock } from '../../../support/clock.ts';
import { silentLogger } from '../../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

const small = { ...caller, eventsPerMinute: 10 };

function start(
  eventLeases?: Leases,
  instead: Partial<Omit<IngestDeps, 'clock'>> & {
    readonly clock?: TestClock;
    readonly stream?: EventStream;
  } = {},
) {
  const clock = new TestClock();
  const leases = eventLeases ?? new Leases(new MemoryUse(), clock);
  const { notices, noticed } = new MemoryAccounts();
  const ingest = startIngest({ clock, eventLeases: leases, notices, ...instead });
  const handler = middy<HttpRequest, HttpAnswer>()
    .use(eventHeaders(leases, clock, instead.stageQuotaMode ?? 'hard'))
    .use(problemAnswers(silentLogger as never))
    .handler((request) => ingest.ingest(request));
  const post = async (body: unknown, parts: RequestParts = {}) => {
    const request = httpRequest({ body: JSON.stringify(body), caller: small, ...parts });
    const answer = await handler(request, {} as never);
    return { ...answer, headers: answer.headers ?? {}, json: JSON.parse(answer.body) };
  };
  return { ...ingest, clock, post, noticed };
}

/** Each weighs 8. */
const fiveEvents = () => Array.from({ length: 5 }, () => ({ event_id: crypto.randomUUID(), type: 't' }));

describe('the limit of events', () => {
  it('refuses what is over it, and puts nothing on the stream', async () => {
    const { post, stream, meter } = start();
    const answers = [];
    for (let batch = 0; batch < 6; batch += 1) answers.push(await post(fiveEvents()));

    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.json).toMatchObject({
      code: 'rate_limited',
      'violated-policies': ['events'],
      detail: expect.stringContaining('10 events a minute'),
    });
    expect(stream.records).toHaveLength(6 - refused.length);
    expect(meter.total(metricNames.rateLimited)).toBe(refused.length);
  });

  it('admits the refused batch after Retry-After, and not a second before', async () => {
    const { post, clock } = start();
    let refused = await post(fiveEvents());
    while (refused.statusCode === 202) refused = await post(fiveEvents());
    const seconds = Number(refused.headers['retry-after']);
    clock.nowMs += (seconds - 1) * 1000;

    expect((await post(fiveEvents())).statusCode).toBe(429);
    clock.nowMs += 1000;
    expect((await post(fiveEvents())).statusCode).toBe(202);
  });

  it('lets a key be used again that was refused', async () => {
    const { post, clock } = start();
    while ((await post(fiveEvents())).statusCode === 202);
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' };
    const events = fiveEvents();
    const { headers: told } = await post(events, { headers });
    clock.nowMs += Number(told['retry-after']) * 1000;

    expect((await post(events, { headers })).statusCode).toBe(202);
    // A replay is free.
    for (let again = 0; again < 10; again += 1)
      expect(await post(events, { headers })).toMatchObject({
        statusCode: 202,
        headers: { 'idempotency-replayed': 'true' },
      });
  });

  it('is charged with a note of the lanes that the batch goes to', async () => {
    const clock = new TestClock();
    const use = new MemoryUse();
    const { post } = start(new Leases(use, clock), { clock });
    const old = { type: 't', timestamp: clock.nowMs - 2 * dayMs };
    await post([{ type: 't' }, old]);

    const last = { lastMs: clock.nowMs, beforeMs: 0 };
    expect((await use.find(small.tenant, clock.nowMs)).sent).toEqual({ 0: last, '0_late': last });
  });

  describe('takes back the note of a batch that failed', () => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' };
    /** What is noted after a batch that was accepted, and one that failed a minute later. */
    const notedAfter = async (error: Error, parts: RequestParts = {}) => {
      const clock = new TestClock();
      const use = new MemoryUse();
      const put = vi.fn<EventStream['put']>().mockRejectedValue(error).mockResolvedValueOnce();
      const { post } = start(new Leases(use, clock), { clock, stream: { put } });
      await post([{ type: 't' }]);
      const acceptedMs = clock.nowMs;
      clock.nowMs += minuteMs;
      expect((await post([{ type: 't' }], parts)).statusCode).toBe(503);
      const lastMs = (await use.find(small.tenant, clock.nowMs)).sent?.[0]?.lastMs;
      return lastMs === acceptedMs ? 'accepted' : 'failed';
    };
    const refused = new StreamUnavailable({}, { hadNoEffect: true });

    it('if the stream surely has nothing of it', async () => {
      expect(await notedAfter(refused)).toBe('accepted');
      expect(await notedAfter(new StreamUnavailable({}))).toBe('failed');
    });

    it('unless its idempotency key may bring it again, by the same time of receipt', async () => {
      expect(await notedAfter(refused, { headers })).toBe('failed');
    });
  });

  it('does not count what is refused for another reason', async () => {
    const { post } = start();
    for (let batch = 0; batch < 19; batch += 1) await post([{ event_id: 'a' }]);

    expect((await post(fiveEvents())).statusCode).toBe(202);
  });

  it('lets all pass while its table is unavailable, and counts that', async () => {
    const charge = vi.fn(async () => {
      throw new Unavailable('The table is away.');
    });
    const { post, meter, clock } = start(
      new Leases({ charge, count: vi.fn(), takeBack: vi.fn() }, new TestClock()),
    );
    for (let batch = 0; batch < 10; batch += 1) expect((await post(fiveEvents())).statusCode).toBe(202);

    expect(meter.total(metricNames.limitsSkipped)).toBe(10);
    // Not each of them waits for the table.
    expect(charge).toHaveBeenCalledTimes(1);
    clock.nowMs += 1000;
    await post(fiveEvents());
    expect(charge).toHaveBeenCalledTimes(2);
  });
});

describe('a quota', () => {
  const quotaOf = (eventsPerDay: number, more: Partial<Caller> = {}) =>
    ({ caller: { ...caller, eventsPerDay, ...more } as Caller }) as const;
  const elevenEvents = async (post: ReturnType<typeof start>['post'], parts: RequestParts) => {
    const first = await post(fiveEvents(), parts);
    await post(fiveEvents(), parts);
    await post([{ type: 't' }], parts);
    return first;
  };

  it('that is hard refuses what is over it until it resets', async () => {
    const { post, clock, stream, meter } = start();
    await elevenEvents(post, quotaOf(12));
    const answer = await post(fiveEvents(), quotaOf(12));
    const secondsLeft = (Date.parse('2026-11-22T00:00:00Z') - clock.nowMs) / 1000;

    expect(answer).toMatchObject({
      statusCode: 429,
      json: {
        code: 'quota_exceeded',
        'violated-policies': ['day'],
        retry_after: secondsLeft,
        detail: expect.stringMatching(
          /12 events a day.* has 1 left\. This batch has 5\. .* after 2026-11-22T00:00:00/,
        ),
      },
      headers: {
        'retry-after': String(secondsLeft),
        RateLimit: expect.stringContaining(`"day";r=1;t=${secondsLeft}`),
        'RateLimit-Policy': expect.stringContaining('"day";q=12;w=86400'),
        'X-RateLimit-Limit': '12',
        'X-RateLimit-Remaining': '1',
      },
    });
    expect(meter.total(metricNames.quotaRefused)).toBe(1);
    // One event has room.
    expect((await post([{ type: 't' }], quotaOf(12))).statusCode).toBe(202);
    clock.nowMs += secondsLeft * 1000;
    expect((await post(fiveEvents(), quotaOf(12))).statusCode).toBe(202);
    expect(stream.records).toHaveLength(5);
  });

  it('of the stage is that of accounts without a mode of their own', async () => {
    const { post } = start(undefined, { stageQuotaMode: 'observe' });
    await elevenEvents(post, quotaOf(3));

    expect((await post(fiveEvents(), quotaOf(3))).statusCode).toBe(202);
    expect((await post(fiveEvents(), quotaOf(3, { quotaMode: 'hard' }))).statusCode).toBe(429);
    // Whose limits are only observed is refused nothing.
    const observed = { quotaMode: 'hard', limitsMode: 'observe' } as const;
    expect((await post(fiveEvents(), quotaOf(3, observed))).statusCode).toBe(202);
  });

  it('that is soft flags what it accepts, and counts it', async () => {
    const { post, meter } = start();
    const soft = quotaOf(10, { quotaMode: 'soft' });
    const first = await elevenEvents(post, soft);
    const { headers, statusCode } = await post(fiveEvents(), soft);

    expect(first.headers.RateLimit).not.toContain('day');
    expect(statusCode).toBe(202);
    expect(headers.RateLimit).toMatch(/^"events";r=\d+;t=0, "day";r=0;t=\d+$/);
    expect(meter.total(metricNames.overLimitAccepted)).toBeGreaterThan(0);
  });

  it('tells 50, 80 and 100 percent once for each period, on whichever instance', async () => {
    const use = new MemoryUse();
    const clock = new TestClock();
    const told: Notice[] = [];
    const { notices } = new MemoryAccounts();
    const write = async (notice: Notice) => {
      const isNew = await notices.write(notice);
      if (isNew) told.push(notice);
      return isNew;
    };
    const instances = [1, 2, 3].map(() => start(new Leases(use, clock), { clock, notices: { write } }));
    const sendAll = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) {
        clock.nowMs += 1000;
        await instances[sent % 3]?.post([{ type: 't' }], quotaOf(20, { quotaMode: 'soft' }));
      }
    };
    await sendAll(30);
    expect(told).toMatchObject([
      { what: 'quota.reached', account: 'acme', period: 'day', share: 50, quota: 20, used: 10, mode: 'soft' },
      { share: 80, used: 16 },
      { share: 100, used: 20 },
    ]);

    clock.nowMs += dayMs;
    await sendAll(10);
    expect(told).toMatchObject({ length: 4, 3: { share: 50, used: 10 } });
  });

  it('that cannot be told of accepts the batch, and is told with the next one', async () => {
    const { notices, noticed } = new MemoryAccounts();
    const write = vi.fn(notices.write).mockRejectedValueOnce(new Unavailable('The table is away.'));
    const { post, clock } = start(undefined, { notices: { write } });
    expect((await post(fiveEvents(), quotaOf(10))).statusCode).toBe(202);
    expect(noticed.size).toBe(0);

    // Not each batch waits for it.
    await post([{ type: 't' }], quotaOf(10));
    expect(write).toHaveBeenCalledTimes(1);
    clock.nowMs += 1000;
    await post([{ type: 't' }], quotaOf(10));
    expect([...noticed.values()]).toMatchObject([{ share: 50 }]);
  });

  it('that refuses is told as reached, and again once a higher one is', async () => {
    const { post, noticed } = start();
    await elevenEvents(post, quotaOf(12));
    await post(fiveEvents(), quotaOf(12));
    expect([...noticed.values()]).toMatchObject([{ share: 80 }, { share: 100, used: 11 }]);

    await post([{ type: 't' }], quotaOf(22, { quotaMode: 'soft' }));
    for (let batch = 0; batch < 2; batch += 1) await post(fiveEvents(), quotaOf(22, { quotaMode: 'soft' }));
    expect([...noticed.values()]).toMatchObject([
      { quota: 12 },
      { quota: 12 },
      { quota: 22, share: 50 },
      { quota: 22, share: 100, used: 22 },
    ]);
  });

  it('that refuses is in the headers, however much of it is left', async () => {
    const { post } = start();
    await elevenEvents(post, quotaOf(100));
    const many = Array.from({ length: 90 }, () => ({ type: 't' }));
    const { statusCode, headers } = await post(many, quotaOf(100));

    expect(statusCode).toBe(429);
    expect(headers).toMatchObject({
      RateLimit: expect.stringMatching(/^"day";r=89;t=\d+, "events"/),
      'X-RateLimit-Limit': '100',
      'X-RateLimit-Remaining': '89',
    });
  });

  it('that observes is in no header', async () => {
    const { post } = start(undefined, { stageQuotaMode: 'observe' });
    await elevenEvents(post, quotaOf(3));

    expect((await post([{ type: 't' }], quotaOf(3))).headers.RateLimit).toMatch(/^"events";r=60000;t=0$/);
  });

  it('is not used by what the stream does not take', async () => {
    const put = vi.fn(async () => {
      throw new Unavailable('The stream is away.');
    });
    const memory = new MemoryUse();
    const { post, clock } = start(undefined, { stream: { put } });
    const other = start(new Leases(memory, new TestClock()), { stream: { put } });
    for (const one of [post, other.post])
      for (let attempt = 0; attempt < 5; attempt += 1)
        expect((await one(fiveEvents(), quotaOf(6))).statusCode).toBe(503);

    expect((await memory.find(caller.tenant, clock.nowMs)).counted.day).toEqual({ events: 0, over: 0 });
  });
});

describe('an account whose item refuses writes', () => {
  const refusing = () => {
    const memory = new MemoryUse();
    const charge = vi.fn(async (tenant: Tenant, ...rest: [Charge]) => {
      if (tenant.account === 'busy') throw new PartitionUnavailable('The item of busy is throttled.');
      return memory.charge(tenant, ...rest);
    });
    const count = (...of: Parameters<Use['count']>) => memory.count(...of);
    return { charge, use: { charge, count, takeBack: memory.takeBack.bind(memory) } };
  };
  const busy: Caller = { ...small, tenant: { ...caller.tenant, account: 'busy' } } as Caller;

  it('is held to its limit by each instance, and ends the limit of nobody else', async () => {
    const { charge, use } = refusing();
    const { post, meter } = start(new Leases(use, new TestClock()));
    const accepted = { busy: 0, small: 0 };
    for (let batch = 0; batch < 10; batch += 1) {
      if ((await post(fiveEvents(), { caller: busy })).statusCode === 202) accepted.busy += 1;
      if ((await post(fiveEvents())).statusCode === 202) accepted.small += 1;
    }

    expect(accepted.busy).toBe(accepted.small);
    expect(accepted.busy).toBeLessThan(10);
    expect(charge.mock.calls.filter(([{ account }]) => account === 'busy')).toHaveLength(1);
    expect(meter.total(metricNames.limitsSkipped)).toBeGreaterThan(0);
  });

  it('has the shared limit again once the item takes writes', async () => {
    const { charge, use } = refusing();
    const clock = new TestClock();
    const { post } = start(new Leases(use, clock), { clock });
    await post(fiveEvents(), { caller: busy });
    clock.nowMs += 1000;
    await post(fiveEvents(), { caller: busy });

    expect(charge).toHaveBeenCalledTimes(2);
  });
});

describe('limits that are only observed', () => {
  it('refuse nothing, and count what they would', async () => {
    const { post, meter } = start();
    const observed = { caller: { ...small, limitsMode: 'observe' } as Caller };
    for (let batch = 0; batch < 10; batch += 1)
      expect((await post(fiveEvents(), observed)).statusCode).toBe(202);

    expect(meter.total(metricNames.overLimitAccepted)).toBe(5);
    // Clients that obey headers are not held back.
    expect((await post(fiveEvents(), observed)).headers.RateLimit).toBe('"events";r=10;t=0');
    expect(meter.total(metricNames.rateLimited)).toBe(0);
  });
});

describe('the headers of the limit', () => {
  it('tell how the account stands', async () => {
    const { post, clock } = start();
    for (let batch = 0; batch < 3; batch += 1) await post(fiveEvents());
    const { headers } = await post([{ type: 't' }]);
    const { left, seconds } = { left: 10, seconds: 0 };

    expect(headers).toMatchObject({
      'RateLimit-Policy': '"events";q=10;w=60',
      RateLimit: `"events";r=${left};t=${seconds}`,
      'X-RateLimit-Limit': '10',
      'X-RateLimit-Remaining': String(left),
      'X-RateLimit-Reset': String(Math.ceil(clock.nowMs / 1000) + seconds),
    });
  });

  it('of a refusal by another rule have its time, and nothing left', async () => {
    const { post } = start();
    let refused = await post('[{');
    for (let sent = 0; sent < 40 && refused.statusCode !== 429; sent += 1) refused = await post('[{');
    const wait = refused.headers['retry-after'];

    expect(refused.json.code).toBe('circuit_open');
    expect(refused.headers).toMatchObject({ RateLimit: `"events";r=0;t=${wait}` });
  });

  it('are on refusals too, and their time is not after Retry-After', async () => {
    const { post } = start();

    expect((await post([{ event_id: 'a' }])).headers).toHaveProperty('RateLimit');
    let refused = await post(fiveEvents());
    while (refused.statusCode === 202) refused = await post(fiveEvents());
    expect(refused.headers.RateLimit).toContain(`;t=${refused.headers['retry-after']}`);
  });
});
