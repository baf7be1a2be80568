import { expect, it } from 'vitest';
import { WaitingCalls } from '../../../src/services/lambda/waiting-calls.ts';

/** Those that are awake, in their order. */
async function awake(calls: WaitingCalls, callers: readonly string[], wakes: number): Promise<string[]> {
  const woken: string[] = [];
  for (const caller of callers) void calls.wait(caller, undefined).then(() => woken.push(caller));
  for (let count = 0; count < wakes; count += 1) calls.wakeNext();
  await Promise.resolve();
  return woken;
}

it('are taken from one caller after the other', async () => {
  const calls = new WaitingCalls();

  expect(await awake(calls, ['loud', 'loud', 'loud', 'loud', 'quiet', 'other'], 5)).toEqual([
    'loud',
    'quiet',
    'other',
    'loud',
    'loud',
  ]);
  expect(calls.size).toBe(1);
});

it('keep their order within a caller', async () => {
  const calls = new WaitingCalls();
  const woken: number[] = [];
  for (let index = 0; index < 5; index += 1) void calls.wait('one', undefined).then(() => woken.push(index));

  calls.wakeAll();
  await Promise.resolve();

  expect(woken).toEqual([0, 1, 2, 3, 4]);
});

it('leave when they are abandoned, and take no turn', async () => {
  const calls = new WaitingCalls();
  const abandoned = new AbortController();
  const leaving = calls.wait('one', abandoned.signal);
  const staying = calls.wait('one', undefined);

  abandoned.abort(new Error('gone'));
  calls.wakeNext();

  await expect(leaving).rejects.toThrow('gone');
  await staying;
  expect(calls.size).toBe(0);
});

it('do not wait at all once they are abandoned, and cannot leave once it is their turn', async () => {
  const calls = new WaitingCalls();
  const abandoned = new AbortController();
  const waiting = calls.wait('one', abandoned.signal);
  calls.wakeNext();
  abandoned.abort(new Error('gone'));

  await waiting;
  expect(() => calls.wait('one', abandoned.signal)).toThrow('gone');
});

it('may be woken though none waits', () => {
  const calls = new WaitingCalls();
  calls.wakeNext();
  calls.wakeAll();

  expect(calls.size).toBe(0);
});
