// A lane has one writer as long as it is on one stream: whatever changes of an account, however old what an instance knows
// of it, and however late a request is tried again.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Account, firstSlots, slotsAt, withSettings } from '../../../../domain/accounts/accounts.ts';
import { streamNames } from '../../../../domain/record/streams.ts';
import { hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

const change = fc.record({
  kind: fc.constant('change' as const),
  stream: fc.constantFrom(...streamNames),
  slots: fc.integer({ min: 1, max: 3 }),
});
const request = fc.record({
  kind: fc.constant('request' as const),
  /** An instance knows the account as it was so many changes before. */
  behind: fc.nat({ max: 3 }),
  /** Of few idempotency keys, so that some are tried again. */
  key: fc.option(fc.constantFrom('a', 'b', 'c')),
  outcome: fc.constantFrom('taken', 'refused', 'lost'),
});
const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 2 * hourMs }) });
const steps = fc.array(fc.oneof(change, request, request, request, wait), { minLength: 20, maxLength: 40 });

const account: Account = {
  ...{ id: 'acme', createdAtMs: 0, tier: 'custom', overrides: {}, status: 'active' },
  ...{ generation: 0, planKey: 'plan-key', ...firstSlots(1, 'standard') },
};

it('a lane is never on two streams', async () => {
  let [changed, again] = [0, 0];
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      let outcome = 'taken';
      const run: ReturnType<typeof startIngest> = startIngest({
        streams: {
          standard: { put: (records) => put(() => run.stream.put(records)) },
          priority: { put: (records) => put(() => run.priority.put(records)) },
        },
      });
      const put = async (take: () => Promise<void>) => {
        if (outcome !== 'refused') await take();
        if (outcome !== 'taken') throw new Unavailable(outcome);
      };
      const versions = [account];
      for (const step of list) {
        const newest = versions.at(-1) ?? account;
        if (step.kind === 'wait') run.clock.nowMs += step.ms;
        else if (step.kind === 'change') {
          const { stream, slots } = step;
          versions.push(
            withSettings(newest, { tier: 'custom', overrides: { slots }, stream }, run.clock.nowMs),
          );
        } else {
          outcome = step.outcome;
          const known = versions.at(-1 - step.behind) ?? account;
          const own: Caller = { ...caller, ...slotsAt(known, run.clock.nowMs), mostSlots: known.mostSlots };
          const headers: Record<string, string> = step.key === null ? {} : { 'idempotency-key': step.key };
          await run.post([{ type: 't' }], { caller: own, headers }).catch((error) => {
            expect(error).toBeInstanceOf(Unavailable);
          });
        }
        run.clock.nowMs += minuteMs / 4;
      }
      const lanesOf = ({ records }: typeof run.stream) =>
        new Set(records.map(({ partitionKey }) => partitionKey));
      const [standard, priority] = [lanesOf(run.stream), lanesOf(run.priority)];
      expect([...standard.intersection(priority)]).toEqual([]);
      if (priority.size > 0 && standard.size > 0) changed += 1;
      if (new Set(run.envelopes().map(({ header }) => header.batchId)).size < run.stream.records.length)
        again += 1;
    }),
    { numRuns: 60, seed: 1 },
  );
  // Enough of the runs are about it.
  expect(changed).toBeGreaterThan(10);
  expect(again).toBeGreaterThan(5);
});

it('an attempt that an idempotency key names goes on where it began, also if its account has moved', async () => {
  let isDown = true;
  const run: ReturnType<typeof startIngest> = startIngest({
    streams: {
      standard: {
        put: async (records) => {
          if (isDown) throw new Unavailable('unavailable');
          await run.stream.put(records);
        },
      },
      priority: { put: (records) => run.priority.put(records) },
    },
  });
  const post = (own: Caller) =>
    run.post([{ type: 't' }], { caller: own, headers: { 'idempotency-key': 'k' } });
  await expect(post(caller)).rejects.toThrow('unavailable');
  isDown = false;
  run.clock.nowMs += hourMs;

  const moved: Caller = { ...caller, stream: 'priority', slots: [1, 2, 3, 4], mostSlots: 5 };
  expect((await post(moved)).statusCode).toBe(202);

  expect(run.stream.records.map(({ partitionKey }) => partitionKey)).toEqual(['acme#production#0#0']);
  expect(run.priority.records).toEqual([]);
});
