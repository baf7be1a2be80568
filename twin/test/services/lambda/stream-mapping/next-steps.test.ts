import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  nextSteps,
  type Outcome,
  type Work,
} from '../../../../src/services/lambda/stream-mapping/next-steps.ts';
import { Progress } from '../../../../src/services/lambda/stream-mapping/progress.ts';
import { worse } from '../../../../src/services/lambda/stream-mapping/try-records.ts';
import { record, records } from './fixture.ts';

const work = (count: number, retries = 0): Work => ({
  records: records(...Array.from({ length: count }, (_, index) => String(index))),
  retries,
  invocations: retries,
});
const numbers = (of: readonly Work[]) => of.map((each) => each.records.map((one) => one.SequenceNumber));
const failure: Outcome = { kind: 'failed', reason: 'boom' };
const from = (firstFailed: number): Outcome => ({ kind: 'partly-failed', firstFailed, reason: 'one' });

it('halving uses up no retry, and the first half comes first', () => {
  const next = nextSteps(work(5, 2), failure, { bisects: true, maxRetries: 2 });

  expect(numbers(next.work)).toEqual([
    ['0', '1', '2'],
    ['3', '4'],
  ]);
  expect(next).toMatchObject({ doneCount: 0, repeats: false, work: [{ retries: 0 }, { retries: 0 }] });
});

it.each([true, false])(
  'what a partial response leaves is a batch of its own, with all its retries (bisect: %s)',
  (bisects) => {
    expect(nextSteps(work(3, 2), from(1), { bisects, maxRetries: 2 })).toMatchObject({
      doneCount: 1,
      work: [{ retries: 0, invocations: 0 }],
      repeats: true,
    });
  },
);

it('a batch whose first record stays failed is discarded from there on when the retries are used up', () => {
  const next = nextSteps(work(3, 2), from(0), { bisects: true, maxRetries: 2 });

  expect(next.discarded?.records).toHaveLength(3);
  expect(next).toMatchObject({ doneCount: 0, work: [] });
});

const outcomes = fc.array(
  fc.oneof(
    fc.constant<Outcome>({ kind: 'succeeded' }),
    fc.constant<Outcome>({ kind: 'not-invoked', reason: 'throttled' }),
    fc.constant(failure),
    fc.nat({ max: 20 }).map(from),
  ),
  { maxLength: 60 },
);

it('whatever happens, each record is done with or discarded once, in order, and few retries end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      outcomes,
      fc.boolean(),
      fc.nat({ max: 3 }),
      (count, script, bisects, maxRetries) => {
        const gone: string[] = [];
        let todo: readonly Work[] = [work(count)];
        const left = [...script];
        let tries = 0;
        for (let [tried, ...later] = todo; tried !== undefined; [tried, ...later] = todo) {
          const told = left.shift() ?? failure;
          const outcome =
            told.kind === 'partly-failed' ? from(Math.min(told.firstFailed, tried.records.length - 1)) : told;
          const next = nextSteps(tried, outcome, { bisects, maxRetries });
          const goneCount = next.doneCount + (next.discarded?.records.length ?? 0);
          gone.push(...tried.records.slice(0, goneCount).map((one) => one.SequenceNumber));
          for (const each of next.work) expect(each.records.length).toBeGreaterThan(0);
          todo = [...next.work, ...later];
          tries += 1;
          expect(tries).toBeLessThan(script.length + 2 * count * (maxRetries + 2));
        }
        expect(gone).toEqual(work(count).records.map((one) => one.SequenceNumber));
      },
    ),
  );
});

it('of two tries at once the worse one counts', () => {
  const throttled: Outcome = { kind: 'not-invoked', reason: 'busy' };

  expect(worse(from(2), from(1))).toEqual(from(1));
  expect(worse(failure, { kind: 'succeeded' })).toBe(failure);
  expect(worse({ kind: 'succeeded' }, from(1))).toEqual(from(1));
  expect(worse(throttled, from(1))).toBe(throttled);
});

it('the checkpoint is the record before the first that is not done, however the lanes finish', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain((count) =>
        fc.tuple(
          fc.constant(count),
          fc.shuffledSubarray(
            Array.from({ length: count }, (_, index) => index),
            { minLength: 0 },
          ),
        ),
      ),
      ([count, finished]) => {
        const held = Array.from({ length: count }, (_, index) => record(String(index)));
        const progress = new Progress('start');
        progress.read(held);
        const done = new Set<number>();
        for (const index of finished) {
          progress.finish(held.slice(index, index + 1));
          done.add(index);
          const firstOpen = held.findIndex((_, at) => !done.has(at));
          const last = firstOpen === -1 ? count - 1 : firstOpen - 1;
          expect(progress.checkpoint).toBe(last === -1 ? 'start' : String(last));
          expect(progress.oldest).toBe(held[last + 1]);
          expect(progress.size).toEqual({ records: count - last - 1, bytes: (count - last - 1) * 4 });
        }
      },
    ),
  );
});
