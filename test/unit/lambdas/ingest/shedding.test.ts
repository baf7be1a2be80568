import { describe, expect, it, vi } from 'vitest';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { circuitRules } from '../../../../domain/limits/circuit.ts';
import { sheddingRules } from '../../../../domain/limits/shedding.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { ProblemError } from '../../../../lambdas/edge/http.ts';
import { TestClock } from '../../../support/clock.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

const [first, second] = sheddingRules.levels;
const askEveryMs = 5000;
const standard = { caller: { ...caller, tier: 'standard' as const } };
const enterprise = { caller: { ...caller, tier: 'enterprise' as const } };
const valid = [{ type: 't' }];

function start(instead: Parameters<typeof startIngest>[0] = {}) {
  const clock = new TestClock();
  const lags = new MemoryLags();
  const ingest = startIngest({ clock, lags, ...instead });
  const behind = (ageMs: number) => lags.put({ shard: 'events/0', ageMs, atMs: clock.nowMs });
  const outcomes = async () => [
    await ingest.refusal(valid, standard),
    await ingest.refusal(valid, enterprise),
  ];
  return { ...ingest, clock, lags, behind, outcomes };
}

describe('load shedding', () => {
  it('refuses standard first, then all, and nobody when the store has caught up', async () => {
    const { behind, outcomes, clock, meter, stream } = start();
    expect(await outcomes()).toEqual(['accepted', 'accepted']);
    const told: string[][] = [];
    for (const ageMs of [first.enterMs, second.enterMs, first.leaveMs - 1]) {
      clock.nowMs += askEveryMs;
      await behind(ageMs);
      told.push(await outcomes());
    }

    expect(told).toEqual([
      ['load_shed', 'accepted'],
      ['load_shed', 'load_shed'],
      ['accepted', 'accepted'],
    ]);
    expect(meter.total(metricNames.shedRequests)).toBe(3);
    expect(stream.records).toHaveLength(5);
  });

  it('refuses nobody who is on another stream, which is not behind', async () => {
    const { behind, refusal, lags, clock } = start();
    const onPriority = { caller: { ...enterprise.caller, stream: 'priority' as const } };
    await behind(second.enterMs);
    await lags.put({ shard: 'priority-events/0', ageMs: 0, atMs: clock.nowMs });

    expect(await refusal(valid, enterprise)).toBe('load_shed');
    expect(await refusal(valid, onPriority)).toBe('accepted');
    clock.nowMs += askEveryMs;
    await behind(0);
    await lags.put({ shard: 'priority-events/0', ageMs: second.enterMs, atMs: clock.nowMs });
    expect(await refusal(valid, standard)).toBe('accepted');
    expect(await refusal(valid, onPriority)).toBe('load_shed');
  });

  it('does not read the body, and says to come back at different times', async () => {
    const { behind, post } = start();
    await behind(first.enterMs);
    const times = new Set<number>();
    for (let request = 0; request < 40; request += 1) {
      const error = await post('{"type":', standard).catch((thrown: unknown) => thrown);
      if (!(error instanceof ProblemError)) throw error;
      expect(error.code).toBe('load_shed');
      times.add(Number(error.extra.retry_after));
    }

    expect(Math.min(...times)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...times)).toBeLessThanOrEqual(120);
    expect(times.size).toBeGreaterThan(10);
  });

  it('keeps nobody from asking what is wrong with a batch', async () => {
    const { behind, debug } = start();
    await behind(second.enterMs);

    expect(await debug(valid, standard)).toMatchObject({ statusCode: 200 });
  });

  it('asks once in five seconds, within a request, and others do not wait for it', async () => {
    const { lags, refusal, clock, behind } = start();
    await behind(first.enterMs);
    const answer = Promise.withResolvers<void>();
    const all = lags.all.bind(lags);
    const asked = vi.spyOn(lags, 'all').mockImplementation(async () => {
      await answer.promise;
      return all();
    });
    const waits = refusal(valid, standard);

    expect(await refusal(valid, standard)).toBe('accepted');
    answer.resolve();
    expect(await waits).toBe('load_shed');
    clock.nowMs += askEveryMs - 1;
    await refusal(valid, standard);
    expect(asked).toHaveBeenCalledTimes(1);
    clock.nowMs += 1;
    await refusal(valid, standard);
    expect(asked).toHaveBeenCalledTimes(2);
    // A clock that was set back.
    clock.nowMs -= 60_000;
    await refusal(valid, standard);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('sheds nothing if it cannot ask, not even if it did before, and warns', async () => {
    const { lags, behind, refusal, clock, logger } = start();
    await behind(first.enterMs);
    expect(await refusal(valid, standard)).toBe('load_shed');
    lags.all = async () => {
      throw new Unavailable('The table is away.');
    };
    clock.nowMs += askEveryMs;

    expect(await refusal(valid, standard)).toBe('accepted');
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });

  it('sheds nothing that it does not know: an age of long ago is none', async () => {
    const { behind, refusal, clock } = start();
    await behind(first.enterMs);
    clock.nowMs += sheddingRules.knownForMs;

    expect(await refusal(valid, standard)).toBe('accepted');
  });

  it('says nothing about the circuit of an account', async () => {
    // It is that of this instance alone.
    const openings = { find: async () => undefined, keep: async () => {} };
    const { refusal, behind, clock } = start({ openings });
    const garbage = () => refusal('{"type":', standard);
    for (let request = 0; request < circuitRules.leastRequests; request += 1) await garbage();
    expect(await garbage()).toBe('circuit_open');
    // Open for twice as long, and on probation for as long after that.
    clock.nowMs += circuitRules.firstOpenMs;
    expect(await garbage()).toBe('invalid_json');
    clock.nowMs += 2 * circuitRules.firstOpenMs;
    await behind(first.enterMs);
    expect(await garbage()).toBe('load_shed');
    clock.nowMs += askEveryMs;
    await behind(0);

    // What was shed has not closed it.
    expect(await garbage()).toBe('invalid_json');
    expect(await garbage()).toBe('circuit_open');
  });
});
