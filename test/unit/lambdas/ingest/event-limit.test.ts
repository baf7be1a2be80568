import middy from '@middy/core';
import { describe, expect, it, vi } from 'vitest';
import { MemoryEventUse } from '../../../../adapters/limits/memory-event-use.ts';
import { EventLeases } from '../../../../domain/limits/event-leases.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { HttpAnswer, HttpRequest } from '../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../lambdas/edge/problem-answers.ts';
import { limitHeaders } from '../../../../lambdas/ingest/limit-headers.ts';
import { TestClock } from '../../../support/clock.ts';
import { silentLogger } from '../../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

const small = { ...caller, eventsPerMinute: 10 };

function start(eventLeases?: EventLeases) {
  const clock = new TestClock();
  const leases = eventLeases ?? new EventLeases(new MemoryEventUse(), clock);
  const ingest = startIngest({ clock, eventLeases: leases });
  const handler = middy<HttpRequest, HttpAnswer>()
    .use(limitHeaders(leases, clock))
    .use(problemAnswers(silentLogger as never))
    .handler((request) => ingest.ingest(request));
  const post = async (body: unknown, parts: RequestParts = {}) => {
    const request = httpRequest({ body: JSON.stringify(body), caller: small, ...parts });
    const answer = await handler(request, {} as never);
    return { ...answer, headers: answer.headers ?? {}, json: JSON.parse(answer.body) };
  };
  return { ...ingest, clock, post };
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

  it('does not count what is refused for another reason', async () => {
    const { post } = start();
    for (let batch = 0; batch < 19; batch += 1) await post([{ event_id: 'a' }]);

    expect((await post(fiveEvents())).statusCode).toBe(202);
  });

  it('lets all pass while its table is unavailable, and counts that', async () => {
    const charge = vi.fn(async () => {
      throw new Unavailable('The table is away.');
    });
    const { post, meter, clock } = start(new EventLeases({ charge }, new TestClock()));
    for (let batch = 0; batch < 10; batch += 1) expect((await post(fiveEvents())).statusCode).toBe(202);

    expect(meter.total(metricNames.limitsSkipped)).toBe(10);
    // Not each of them waits for the table.
    expect(charge).toHaveBeenCalledTimes(1);
    clock.nowMs += 1000;
    await post(fiveEvents());
    expect(charge).toHaveBeenCalledTimes(2);
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
      'X-RateLimit-Limit': 10,
      'X-RateLimit-Remaining': left,
      'X-RateLimit-Reset': Math.ceil(clock.nowMs / 1000) + seconds,
    });
  });

  it('are on refusals too, and their time is not after Retry-After', async () => {
    const { post } = start();

    expect((await post([{ event_id: 'a' }])).headers).toHaveProperty('RateLimit');
    let refused = await post(fiveEvents());
    while (refused.statusCode === 202) refused = await post(fiveEvents());
    expect(refused.headers.RateLimit).toContain(`;t=${refused.headers['retry-after']}`);
  });
});
