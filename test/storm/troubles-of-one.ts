// Troubles of one batch while it is delivered, each at an exact step.

import type { ShardState } from '@weir/twin';
import { seedOfBatchId } from '../../domain/record/batch-id.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { minuteMs, secondMs } from '../../domain/system/time.ts';
import { eventually } from '../support/eventually.ts';
import type { TroubleOfOne } from './plan.ts';
import { patienceMs } from './settlement.ts';
import {
  byRules,
  type Call,
  claims,
  consume,
  counts,
  pages,
  type Scene,
  type Trouble,
  unavailable,
} from './troubles.ts';

export type SceneOfOne = Pick<Scene, 'twin' | 'seed'> & {
  readonly batchId: string;
  readonly shardId: string;
  /** Whether all of its records are counted or quarantined. */
  readonly isSettled: () => Promise<boolean>;
};

export const ofOne: Readonly<Record<TroubleOfOne, (scene: SceneOfOne) => Trouble>> = {
  'out of time before the pages': (scene) => outOfTime(scene, pages),
  'out of time before the count': (scene) => outOfTime(scene, counts),
  'crashes each time': (scene) =>
    byRules(scene, {
      on: { caller: consume, text: seedOfBatchId(scene.batchId) },
      do: { kind: 'kill', moment: 'after' },
    }),
  'quarantined after an outage': quarantinedByOutage,
};

/** The function waits for the answer until its timeout, and the call takes effect after that. */
function outOfTime({ twin, seed, batchId, isSettled }: SceneOfOne, call: Call): Trouble {
  const trouble = byRules(
    { twin, seed },
    { on: { caller: consume, ...call, text: seedOfBatchId(batchId) }, do: { kind: 'latency', ms: holdMs } },
  );
  const timeouts = () => twin.functions.activity().consume?.timeouts ?? 0;
  return {
    ...trouble,
    after: async () => {
      await eventually(
        async () => {
          // An invocation before it on the shard may be pausing between tries.
          twin.clock.moveBy(secondMs);
          // It may be settled already, together with another batch of its invocation.
          return trouble.met() > 0 || (await isSettled());
        },
        (isOver) => isOver,
        patienceMs,
      );
      if (trouble.met() === 0) return;
      const before = timeouts();
      twin.clock.moveBy(delivery.consumeTimeoutSeconds * secondMs);
      await eventually(
        async () => {
          // The delayed invocation may have ended just before. The next try is delayed too.
          twin.clock.moveBy(minuteMs);
          return timeouts() > before;
        },
        (isOver) => isOver,
        patienceMs,
      );
      trouble.end();
    },
  };
}

/** Longer than a storm moves the clock. */
const holdMs = 48 * 3600 * secondMs;

const longestLooks = 30;
const nextAttempt = (met: number) => ({ lanes: '', met, isMoved: false, looks: 0 });

/** The tables are unavailable for this batch until the mapping stops retrying it. The function retries until its timeout. */
function quarantinedByOutage({ twin, seed, batchId, shardId, isSettled }: SceneOfOne): Trouble {
  const trouble = byRules(
    { twin, seed },
    ...[claims, pages, counts].map((call) => ({
      on: { caller: consume, ...call, text: seedOfBatchId(batchId) },
      do: unavailable,
    })),
  );
  const shardState = async (): Promise<Partial<ShardState>> => {
    const [mapping] = Object.values((await twin.state()).mappings);
    return mapping?.shards[shardId] ?? {};
  };
  const nearlyUpMs = (delivery.consumeTimeoutSeconds - delivery.retryReserveSeconds + 1) * secondMs;
  return {
    ...trouble,
    after: async () => {
      let attempt = nextAttempt(0);
      await eventually(
        async () => {
          const state = (await shardState()).lanes ?? [];
          const lanes = JSON.stringify(state);
          const met = trouble.met();
          if (!state.some((lane) => lane.in_flight > 0)) {
            attempt = nextAttempt(met);
            twin.clock.moveBy(secondMs);
          } else if (attempt.lanes !== lanes) {
            attempt = attempt.lanes === '' ? { ...attempt, lanes } : { ...nextAttempt(met), lanes };
          }
          attempt.looks += 1;
          // Moves the clock to shortly before the timeout, once in each attempt and after its first call. An attempt
          // that started after the move keeps retrying, and needs another move.
          if (attempt.isMoved ? attempt.looks > longestLooks : met > attempt.met) {
            attempt = { ...attempt, isMoved: true, looks: 0 };
            twin.clock.moveBy(nearlyUpMs);
          }
          return isSettled();
        },
        (settled) => settled,
        patienceMs,
      );
    },
  };
}
