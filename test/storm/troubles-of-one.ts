// What goes wrong with one batch while it is delivered, at the very step that is meant.

import type { ShardState } from '@weir/twin';
import { delivery } from '../../domain/record/delivery.ts';
import { minuteMs, secondMs } from '../../domain/system/time.ts';
import { eventually } from '../support/eventually.ts';
import type { TroubleOfOne } from './plan.ts';
import { patienceMs } from './settlement.ts';
import { byRules, claims, consume, counts, pages, type Scene, type Trouble } from './troubles.ts';

export type SceneOfOne = Pick<Scene, 'twin' | 'seed'> & {
  readonly batchId: string;
  readonly shardId: string;
  /** Whether all of its records are counted or set aside. */
  readonly isSettled: () => Promise<boolean>;
};

export const ofOne: Readonly<Record<TroubleOfOne, (scene: SceneOfOne) => Trouble>> = {
  'out of time before the pages': (scene) => outOfTime(scene, pages),
  'out of time before the count': (scene) => outOfTime(scene, counts),
  'crashes each time': (scene) =>
    byRules(scene, { on: { caller: consume, text: scene.batchId }, do: { kind: 'kill', moment: 'after' } }),
  'parked by an outage': parkedByOutage,
};

/** The function waits for the answer until its time is up; and what it asked for takes effect after its end. */
function outOfTime({ twin, seed, batchId, isSettled }: SceneOfOne, operation: string): Trouble {
  const trouble = byRules(
    { twin, seed },
    { on: { caller: consume, operation, text: batchId }, do: { kind: 'latency', ms: holdMs } },
  );
  const timeouts = () => twin.functions.activity().consume?.timeouts ?? 0;
  return {
    ...trouble,
    after: async () => {
      await eventually(
        async () => {
          // What it waits behind may pause between tries.
          twin.clock.moveBy(secondMs);
          // An outage of another one in its batch may have taken it along.
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
          // The one that was held may have ended just before, and its next try is held as well.
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

/** Longer than any storm moves the clock. */
const holdMs = 48 * 3600 * secondMs;

/** Nothing that the SDK would try again by itself. */
const away = { kind: 'error', status: 400, code: 'ResourceNotFoundException' } as const;

const longestLooks = 30;
const nextAttempt = (met: number) => ({ lanes: '', met, isMoved: false, looks: 0 });

/** The tables are away for this one until the mapping gives it up: each time the function holds on to its end. */
function parkedByOutage({ twin, seed, batchId, shardId, isSettled }: SceneOfOne): Trouble {
  const trouble = byRules(
    { twin, seed },
    { on: { caller: consume, operation: [claims, pages, counts], text: batchId }, do: away },
  );
  const shardState = async (): Promise<Partial<ShardState>> => {
    const [mapping] = Object.values((await twin.state()).mappings);
    return mapping?.shards[shardId] ?? {};
  };
  const nearlyUpMs = (delivery.consumeTimeoutSeconds - delivery.holdReserveSeconds + 1) * secondMs;
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
          // Once in each attempt, and not before it is under way: its time shall be nearly up, and not up. One that
          // was caught too early all the same holds on for as long again.
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
