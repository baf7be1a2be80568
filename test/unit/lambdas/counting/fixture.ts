// Lanes in memory, with the calls that were made and one that may fail.

import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import type { RunLimits } from '../../../../domain/counting/next-run.ts';
import type { Lanes } from '../../../../domain/counting/port.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';

export class CountingFixture {
  readonly store = new MemoryLanes(2);
  readonly clock = new TestClock(nowMs + 3 * hourMs);
  readonly meter = new TestMeter();
  readonly logger = silentLogger;
  readonly pauses = { contested: async () => {} };
  readonly limits: RunLimits = { receipts: 100, deltaBytes: 1_000_000 };
  readonly calls: string[] = [];
  /** The call, counted from 0, after whose effect the function ends. */
  endsAfter = Number.POSITIVE_INFINITY;
  /** The call, counted from 0, before whose effect the function ends. */
  endsBefore = Number.POSITIVE_INFINITY;

  readonly lanes: Lanes = new Proxy(this.store as Lanes, {
    get:
      (target, name: keyof Lanes) =>
      async (...args: readonly unknown[]) => {
        const call = this.calls.push(name) - 1;
        if (call >= this.endsBefore) throw new Unavailable('ends before');
        const work = target[name].bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
        const answer = await work(...args);
        if (call >= this.endsAfter) throw new Unavailable('ends after');
        return answer;
      },
  });
}
