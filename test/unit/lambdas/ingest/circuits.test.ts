import { describe, expect, it, vi } from 'vitest';
import { MemoryOpenings } from '../../../../adapters/limits/memory-openings.ts';
import { circuitRules } from '../../../../domain/limits/circuit.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { TestClock } from '../../../support/clock.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

const { leastRequests, firstOpenMs } = circuitRules;
const valid = [{ type: 't' }];

function start(openings = new MemoryOpenings(), clock = new TestClock()) {
  const ingest = startIngest({ clock, openings });
  const garbage = async (count: number) => {
    const codes: string[] = [];
    for (let request = 0; request < count; request += 1) codes.push(await ingest.refusal('{"type":'));
    return codes;
  };
  return { ...ingest, clock, openings, garbage };
}

describe('the circuit of an account', () => {
  it('opens after garbage, and closes with the first valid batch after its time', async () => {
    const { garbage, refusal, clock, meter } = start();
    expect(new Set(await garbage(leastRequests))).toEqual(new Set(['invalid_json']));

    expect(await garbage(1)).toEqual(['circuit_open']);
    expect(await refusal(valid)).toBe('circuit_open');
    expect(meter.total(metricNames.circuitOpenings)).toBe(1);
    expect(meter.total(metricNames.circuitRefused)).toBe(2);
    clock.nowMs += firstOpenMs;
    expect(await refusal(valid)).toBe('accepted');
    expect(await garbage(1)).toEqual(['invalid_json']);
  });

  it('tells how long it is open', async () => {
    const { garbage, post, clock } = start();
    await garbage(leastRequests);
    clock.nowMs += 1500;

    await expect(post(valid)).rejects.toMatchObject({ code: 'circuit_open', extra: { retry_after: 4 } });
  });

  it('opens when no event of its batches is valid', async () => {
    const { refusal } = start();
    for (let request = 0; request < leastRequests; request += 1) await refusal([{ event_id: 'a' }]);

    expect(await refusal(valid)).toBe('circuit_open');
  });

  it('is that of one environment', async () => {
    const { garbage, refusal } = start();
    await garbage(leastRequests);
    const other = { ...caller, tenant: { ...caller.tenant, environment: 'staging' } };

    expect(await refusal(valid, { caller: other })).toBe('accepted');
  });

  it('does not keep from asking what is wrong', async () => {
    const { garbage, debug } = start();
    await garbage(leastRequests);

    expect(await debug([{ event_id: 'a' }])).toMatchObject({ statusCode: 200 });
  });

  it('is known to another instance from its next invalid request on', async () => {
    const one = start();
    const other = start(one.openings, one.clock);
    await one.garbage(leastRequests);

    expect(await other.refusal(valid)).toBe('accepted');
    await other.garbage(1);
    expect(await other.refusal(valid)).toBe('circuit_open');
  });

  it('asks for those of others once a second, and never for valid requests', async () => {
    const openings = new MemoryOpenings();
    const find = vi.spyOn(openings, 'find');
    const { garbage, post, clock } = start(openings);
    await post(valid);
    expect(find).not.toHaveBeenCalled();
    await garbage(10);
    expect(find).toHaveBeenCalledTimes(1);
    clock.nowMs += 1000;
    await garbage(2);
    expect(find).toHaveBeenCalledTimes(2);
  });

  it('works in an instance alone if the table is unavailable', async () => {
    const away = async () => {
      throw new Unavailable('The table is away.');
    };
    const { garbage } = start({ find: away, keep: away } as never);

    expect((await garbage(leastRequests + 1)).at(-1)).toBe('circuit_open');
  });
});
