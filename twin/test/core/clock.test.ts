import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';

it('what waits by the clock is called when it was moved far enough, once, and in the order of the clock alone', async () => {
  const clock = createClock();
  const called: string[] = [];
  clock.after(3_600_000, () => called.push('an hour'));
  clock.after(60_000, () => called.push('a minute'));

  clock.moveBy(3_000_000);
  await sleep(5);
  expect(called).toEqual(['a minute']);
  clock.moveBy(600_000);
  clock.moveBy(600_000);
  await sleep(5);

  expect(called).toEqual(['a minute', 'an hour']);
});

it('a wait that was called off is not called, however far the clock goes', async () => {
  const clock = createClock();
  const called: string[] = [];

  clock.after(60_000, () => called.push('called'))();
  clock.moveBy(3_600_000);
  await sleep(5);

  expect(called).toEqual([]);
});

it('a move back takes nothing off what has elapsed, and coming back from it adds to it', () => {
  let machineMs = 1_700_000_000_000;
  let passedMs = 5000;
  const clock = createClock(
    () => machineMs,
    () => passedMs,
  );
  const startMs = clock.elapsed();
  const elapsed = () => clock.elapsed() - startMs;

  clock.moveBy(-1000);
  expect([elapsed(), clock.now() - machineMs]).toEqual([0, -1000]);
  clock.reset();
  expect([elapsed(), clock.now() - machineMs]).toEqual([1000, 0]);
  // The machine's date is set back by an hour: nothing waits an hour longer for it.
  machineMs -= 3_600_000;
  passedMs += 500;
  clock.moveBy(100);

  expect([elapsed(), clock.now() - machineMs]).toEqual([1600, 100]);
});
