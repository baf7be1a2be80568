import { beforeEach, expect, it } from 'vitest';
import { type Notice, unauthorizedPerMinute } from '../../../../domain/accounts/notices.ts';
import { notingUnauthorized } from '../../../../lambdas/authorize/note-unauthorized.ts';
import { TestClock } from '../../../support/clock.ts';

let clock: TestClock;
let written: Notice[];
let fails: Error | undefined;
let authorize: (message: string | undefined) => Promise<string>;
beforeEach(() => {
  clock = new TestClock();
  written = [];
  fails = undefined;
  const notices = {
    write: async (notice: Notice) => {
      if (fails) throw fails;
      written.push(notice);
      return true;
    },
  };
  authorize = notingUnauthorized(
    async (message: string | undefined) => {
      if (message !== undefined) throw new Error(message);
      return 'allowed';
    },
    notices,
    clock,
  );
});
const refuse = async (times: number, message = 'Unauthorized') => {
  for (let time = 0; time < times; time += 1) await expect(authorize(message)).rejects.toThrow(message);
};

it('many requests that are refused in a minute are noticed, once', async () => {
  await refuse(unauthorizedPerMinute - 1);
  expect(written).toEqual([]);
  await refuse(2 * unauthorizedPerMinute);

  expect(written).toEqual([
    {
      what: 'requests.unauthorized',
      minuteMs: Date.parse('2026-11-21T10:25:00.000Z'),
      count: unauthorizedPerMinute,
    },
  ]);
});

it('each minute counts for itself', async () => {
  await refuse(unauthorizedPerMinute - 1);
  clock.nowMs += 60_000;
  await refuse(unauthorizedPerMinute - 1);
  expect(written).toEqual([]);
  clock.nowMs += 60_000;
  await refuse(unauthorizedPerMinute);

  expect(written).toHaveLength(1);
});

it('what is allowed, and what fails for another reason, counts for nothing', async () => {
  await refuse(unauthorizedPerMinute - 1);
  expect(await authorize(undefined)).toBe('allowed');
  await refuse(unauthorizedPerMinute, 'table down');

  expect(written).toEqual([]);
});

it('a notice that cannot be written changes no answer', async () => {
  fails = new Error('table down');

  await refuse(unauthorizedPerMinute + 1);
});
