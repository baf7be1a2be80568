// Accounts that misbehave beside 20 quiet ones, for a minute of virtual time: instances of ingest as Lambda has them, on one
// table that takes 6 ms a call. With limits of a hundredth, as bench/fairness.ts has them on the twin.

import { beforeAll, describe, expect, it } from 'vitest';
import { MemoryOpenings } from '../../../../adapters/limits/memory-openings.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { weightOf } from '../../../../domain/limits/batch-weight.ts';
import { circuitRules } from '../../../../domain/limits/circuit.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import type { Openings, Use } from '../../../../domain/limits/port.ts';
import { decodeEnvelope } from '../../../../domain/record/envelope.ts';
import type { EventStream } from '../../../../domain/record/port.ts';
import { dayMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { type HttpAnswer, ProblemError } from '../../../../lambdas/edge/http.ts';
import { seededRandom } from '../../../support/clock.ts';
import { caller, httpRequest } from '../../../support/requests.ts';
import { VirtualTime } from '../../../support/virtual-time.ts';
import { startIngest } from './fixture.ts';

const callMs = 6;
const perMinute = 600;
const perSecond = perMinute / 60;
const lastsMs = minuteMs;
/** Its batches are so heavy that a minute admits two. */
const obeysMs = 6 * minuteMs;

type Told = {
  readonly account: string;
  readonly atMs: number;
  readonly status: number;
  readonly code?: string;
  /** In seconds. */
  readonly retryAfter: number;
  readonly takenMs: number;
};

function world() {
  const time = new VirtualTime();
  const startMs = time.now();
  const slow =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      await time.sleep(callMs / 2);
      const result = await call(...args);
      await time.sleep(callMs / 2);
      return result;
    };
  const [memoryUse, memoryOpenings] = [new MemoryUse(), new MemoryOpenings()];
  const use: Pick<Use, 'charge' | 'count' | 'takeBack'> = {
    charge: slow((...args) => memoryUse.charge(...args)),
    count: slow((...args) => memoryUse.count(...args)),
    takeBack: slow((...args) => memoryUse.takeBack(...args)),
  };
  const openings: Openings = {
    find: slow((...args) => memoryOpenings.find(...args)),
    keep: slow((...args) => memoryOpenings.keep(...args)),
  };
  const weights = new Map<string, number>();
  const stream: EventStream = {
    put: slow(async (records) => {
      for (const record of records) {
        const { header, events } = decodeEnvelope(record.data);
        const { tenant, receivedAtMs } = header;
        const weight = weightOf({ tenant, receivedAtMs, events: events as never, records: [record] });
        weights.set(tenant.account, (weights.get(tenant.account) ?? 0) + weight);
      }
    }),
  };
  const idle: ReturnType<typeof startIngest>[] = [];
  let instances = 0;
  const random = seededRandom(20);
  const invoke = async (account: string, body: string): Promise<Told> => {
    const instance =
      idle.pop() ??
      startIngest({ clock: time, random, stream, openings, eventLeases: new Leases(use, time) });
    instances = Math.max(instances, idle.length + 1);
    const of: Caller = { ...caller, tenant: { ...caller.tenant, account }, eventsPerMinute: perMinute };
    const sentMs = time.now();
    const answer = await instance.ingest(httpRequest({ body, caller: of })).catch(asAnswer);
    idle.push(instance);
    const { statusCode: status, headers = {} } = answer;
    const atMs = time.now();
    const { code } = JSON.parse(answer.body);
    return {
      account,
      atMs,
      status,
      code,
      retryAfter: Number(headers['retry-after'] ?? 0),
      takenMs: atMs - sentMs,
    };
  };
  return { time, startMs, weights, invoke, instances: () => instances };
}

const asAnswer = (error: unknown): HttpAnswer => {
  if (!(error instanceof ProblemError)) throw error;
  const { code, extra, headers } = error;
  const waits = { 'retry-after': String(extra.retry_after ?? 0) };
  return { statusCode: 429, headers: { ...headers, ...waits }, body: JSON.stringify({ code }) };
};

const tick = () => JSON.stringify([{ type: 'tick' }]);
const hundred = () =>
  JSON.stringify(Array.from({ length: 100 }, () => ({ event_id: crypto.randomUUID(), type: 't' })));
const backDated = (nowMs: number) =>
  JSON.stringify(
    Array.from({ length: 500 }, (_, index) => ({
      type: 't',
      timestamp: nowMs - Math.floor((index * 29 * dayMs) / 500),
    })),
  );

async function run(isLoud: boolean) {
  const { time, startMs, weights, invoke, instances } = world();
  const told: Told[] = [];
  const every = async (account: string, pauseMs: number, body: () => string, offsetMs = 0) => {
    await time.sleep(offsetMs);
    const all: Promise<unknown>[] = [];
    while (time.now() < startMs + lastsMs) {
      all.push(invoke(account, body()).then((each) => told.push(each)));
      await time.sleep(pauseMs);
    }
    await Promise.all(all);
  };
  /** Sends the same again when it may. */
  const obeying = async (account: string, body: (nowMs: number) => string) => {
    while (time.now() < startMs + obeysMs) {
      const each = await invoke(account, body(time.now()));
      told.push(each);
      await time.sleep(each.status === 202 ? 100 : each.retryAfter * secondMs);
    }
  };
  const quiet = Array.from({ length: 20 }, (_, index) => every(`quiet-${index}`, secondMs, tick, 50 * index));
  const loud = isLoud
    ? [
        // 50 times its limit.
        every('whale', 200, hundred),
        obeying('back-dater', backDated),
        every('garbage', 50, () => '[{"type":'),
      ]
    : [];
  await time.run(Promise.all([...quiet, ...loud]));
  const of = (account: string) => told.filter((each) => each.account.startsWith(account));
  return { of, weights, instances: instances() };
}

describe('beside a whale, a backfill and garbage', () => {
  let alone: Awaited<ReturnType<typeof run>>;
  let beside: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    alone = await run(false);
    beside = await run(true);
  }, 120_000);

  it('the quiet lose nothing, are never refused, and wait no longer', () => {
    const quiet = beside.of('quiet');

    expect(quiet).toHaveLength(20 * 60);
    expect(quiet.filter(({ status }) => status !== 202)).toEqual([]);
    const slowest = (all: readonly Told[]) => Math.max(...all.map(({ takenMs }) => takenMs));
    expect(slowest(quiet)).toBeLessThanOrEqual(slowest(alone.of('quiet')));
  });

  it.each([
    ['whale', lastsMs, 100],
    ['back-dater', obeysMs, 1300],
  ])('the %s is admitted its limit and the stated bound, and not much less', (account, forMs, batch) => {
    const seconds = forMs / secondMs;
    const most = 3 * perMinute + perSecond * (seconds + 1) + batch * beside.instances;
    const admitted = beside.weights.get(account) ?? 0;

    expect(admitted).toBeLessThanOrEqual(most);
    expect(admitted).toBeGreaterThanOrEqual(3 * perMinute + perSecond * seconds - 2 * batch);
    expect(beside.of(account).some(({ code }) => code === 'rate_limited')).toBe(true);
  });

  it('Retry-After is true for an account alone: what waits for it is admitted', () => {
    const answers = beside.of('back-dater');
    const afterRefusal = answers.filter((_, index) => answers[index - 1]?.status === 429);

    expect(afterRefusal.length).toBeGreaterThan(0);
    expect(afterRefusal.filter(({ status }) => status !== 202)).toEqual([]);
  });

  it('garbage is soon refused before it is read', () => {
    const garbage = beside.of('garbage');
    const read = garbage.filter(({ code }) => code !== 'circuit_open');

    expect(garbage).toHaveLength(20 * 60);
    // Until each instance knows, and a probe for each opening.
    expect(read.length).toBeLessThan(circuitRules.leastRequests * beside.instances + 10);
  });
});
