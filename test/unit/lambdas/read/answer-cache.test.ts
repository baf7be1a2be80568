import { beforeEach, describe, expect, it } from 'vitest';
import { secondMs } from '../../../../domain/system/time.ts';
import { AnswerCache, type AskedAnswer, type CacheLimits } from '../../../../lambdas/read/answer-cache.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
let clock: TestClock;
let cache: AnswerCache;
let made: string[];
beforeEach(async () => {
  clock = new TestClock(nowMs);
  cache = await warmCache();
  made = [];
});

/** Has made an answer, of another account. */
async function warmCache(...limits: [CacheLimits?]): Promise<AnswerCache> {
  const warm = new AnswerCache(clock, ...limits);
  const other = { tenant: { ...tenant, account: 'first' }, question: 'first' };
  await warm.answer(other, async () => ({ body: '', content: '' }));
  return warm;
}

/** Takes so long. Bodies are numbered as they are made. */
async function ask(asked: Partial<AskedAnswer> = {}, { tookMs = secondMs, length = 1 } = {}) {
  const question = asked.question ?? 'q';
  const { body, ...answer } = await cache.answer({ tenant, question, ...asked }, async () => {
    made.push(question);
    clock.nowMs += tookMs;
    return { body: String(made.length).padEnd(length), content: question };
  });
  return { number: Number(body), ...answer };
}
const wait = (ms: number) => {
  clock.nowMs += ms;
};

describe('an answer', () => {
  it('is kept for 20 times as long as it took, since it was begun', async () => {
    await ask();
    wait(19 * secondMs - 1);
    expect((await ask()).number).toBe(1);
    wait(1);
    expect((await ask()).number).toBe(2);
  });

  it('is kept for a minute at most, and not at all if it took no time', async () => {
    await ask({}, { tookMs: 8 * secondMs });
    wait(52 * secondMs - 1);
    expect((await ask()).number).toBe(1);
    wait(1);
    expect((await ask({}, { tookMs: 0 })).number).toBe(2);
    expect((await ask()).number).toBe(3);
  });

  it('is not kept if it is the first of its instance, whose code is new', async () => {
    cache = new AnswerCache(clock);
    await ask();
    expect((await ask()).number).toBe(2);
    expect((await ask()).number).toBe(2);
  });

  it('is made again for whoever takes no old one, and kept for the others', async () => {
    await ask();
    expect((await ask({ mostAgeMs: 0 })).number).toBe(2);
    expect((await ask()).number).toBe(2);
    wait(2 * secondMs);
    expect((await ask({ mostAgeMs: 3 * secondMs })).number).toBe(2);
    expect((await ask({ mostAgeMs: 2 * secondMs })).number).toBe(3);
  });

  it('is of one account, environment, generation and question', async () => {
    await ask();
    for (const other of [
      { question: 'other' },
      { tenant: { ...tenant, account: 'other' } },
      { tenant: { ...tenant, environment: 'staging' } },
      { tenant: { ...tenant, generation: 1 } },
    ])
      await ask(other);

    expect(made).toHaveLength(5);
  });

  it('has the tag of its content, whatever else of it changed', async () => {
    const first = await ask();
    const again = await ask({ mostAgeMs: 0 });

    expect(again.number).toBe(2);
    expect(again.etag).toBe(first.etag);
    expect((await ask({ question: 'other' })).etag).not.toBe(first.etag);
  });

  it('is not kept if the clock was set back', async () => {
    await ask();
    wait(-120 * secondMs);
    expect((await ask()).number).toBe(2);
  });

  it('that could not be made is made again', async () => {
    await expect(
      cache.answer({ tenant, question: 'q' }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow();
    expect((await ask()).number).toBe(1);
  });
});

describe('callers at once', () => {
  it('share what is made, unless they take no old answer: it may have begun too early', async () => {
    const begun: (() => void)[] = [];
    const slowly = (mostAgeMs?: number) =>
      cache.answer({ tenant, question: 'q', ...(mostAgeMs !== undefined && { mostAgeMs }) }, async () => {
        await new Promise<void>((resolve) => begun.push(resolve));
        return { body: 'x', content: 'x' };
      });
    const all = [slowly(), slowly(), slowly(), slowly(0)];

    expect(begun).toHaveLength(2);
    for (const go of begun) go();
    await Promise.all(all);
  });
});

describe('the room', () => {
  const small = { ofAccount: 30, ofAll: 50 };
  const of = (account: string) => ({ ...tenant, account });

  it('of an account is its own: its oldest answer makes room', async () => {
    cache = await warmCache(small);
    for (const question of ['a', 'b', 'c', 'd']) await ask({ question }, { length: 10 });

    await ask({ question: 'b' }, { length: 10 });
    await ask({ question: 'a' }, { length: 10 });
    expect(made).toEqual(['a', 'b', 'c', 'd', 'a']);
  });

  it('of others stays theirs while one account has more', async () => {
    cache = await warmCache(small);
    await ask({ tenant: of('quiet') }, { length: 10 });
    for (let question = 0; question < 20; question += 1)
      await ask({ tenant: of('loud'), question: `q${question}` }, { length: 10, tookMs: 100 * secondMs });
    clock.nowMs = nowMs + secondMs;

    expect((await ask({ tenant: of('quiet') })).number).toBe(1);
  });
});
