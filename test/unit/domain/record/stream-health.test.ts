import { beforeEach, expect, it } from 'vitest';
import { hotForMs, StreamHealth } from '../../../../domain/record/stream-health.ts';
import { streamBreaker } from '../../../../domain/system/breaker.ts';
import { TestClock } from '../../../support/clock.ts';

let clock: TestClock;
let health: StreamHealth;
beforeEach(() => {
  clock = new TestClock(0);
  health = new StreamHealth({ clock, settings: streamBreaker });
});

/** Fails until its breaker is open. */
function breakOpen(key: string): void {
  for (let count = 0; count < streamBreaker.failures; count += 1) {
    if (count > 0) clock.nowMs += streamBreaker.failingMs / 2;
    health.admit([key])?.answered(new Set([key]));
  }
}

it('knows a hot key for a second', () => {
  health.rememberHot(['hot']);

  expect(health.refuses(['cool', 'hot'])).toEqual({ reason: 'hot', forMs: hotForMs });
  expect(health.admit(['hot'])).toBeUndefined();
  expect(health.refuses(['cool'])).toBeUndefined();
  clock.nowMs += hotForMs;
  expect(health.refuses(['hot'])).toBeUndefined();
});

it('says of a key that is hot and fails that it fails', () => {
  breakOpen('ill');
  health.rememberHot(['ill']);

  expect(health.refuses(['ill'])).toMatchObject({ reason: 'broken' });
});

it('begins no probe for a call that it refuses', () => {
  breakOpen('ill');
  clock.nowMs += streamBreaker.firstOpenMs;
  health.rememberHot(['hot']);

  expect(health.admit(['ill', 'hot'])).toBeUndefined();
  health.admit(['ill'])?.answered(new Set());
  expect(health.refuses(['ill'])).toBeUndefined();
});

it('lets one call through to a key that failed, and waits for it', () => {
  breakOpen('ill');
  clock.nowMs += streamBreaker.firstOpenMs;
  const probe = health.admit(['ill']);

  expect(health.admit(['ill'])).toBeUndefined();
  probe?.failed();
  expect(health.refuses(['ill'])).toEqual({ reason: 'broken', forMs: 2 * streamBreaker.firstOpenMs });
});

it('remembers a bounded number of keys, the last ones', () => {
  const keys = Array.from({ length: 1500 }, (_, index) => `key-${index}`);
  health.rememberHot(keys);

  expect(keys.filter((key) => health.refuses([key]))).toEqual(keys.slice(500));
});
