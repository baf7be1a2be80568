// GET /v1/slo, as its function reads it.

import { expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryAccountLevels } from '../../../../adapters/service-levels/memory-account-levels.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import { addUp } from '../../../../domain/service-levels/account-levels.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { readSlo } from '../../../../lambdas/read/slo.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller } from '../../../support/requests.ts';

const { tenant } = caller;
const own = { ...lane, tenant };

function start() {
  const clock = new TestClock(nowMs);
  const lanes = new MemoryLanes();
  const levels = new MemoryAccountLevels();
  const freshness = async () => {
    const { windows } = await readSlo({ lanes, levels, clock }, { ...caller, mostSlots: 2 });
    return windows[0]?.objectives.find(({ name }) => name === 'freshness');
  };
  const put = async (...receipts: ReturnType<typeof laneReceipt>[]) => {
    for (const to of receipts) await lanes.put([{ to }]);
  };
  return { clock, lanes, levels, freshness, put };
}
