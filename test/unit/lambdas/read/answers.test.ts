// How summaries and series are answered: kept, tagged, and told as known.

import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import { iso, secondMs } from '../../../../domain/system/time.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { createAnswers } from '../../../../lambdas/read/answers.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

let clock: TestClock;
let total: number;
let reads: number;
let answers: ReturnType<typeof createAnswers>;
beforeEach(async () => {
  clock = new TestClock(nowMs);
  [total, reads] = [1, 0];
  const summaryLeases = new Leases(new MemoryUse(), clock);
  answers = createAnswers({ summaryLeases, clock, meter: new TestMeter(), logger: silentLogger });
  // The first answer of an instance is not kept.
  const other = { ...caller, tenant: { ...caller.tenant, account: 'first' } };
  const first = { caller: other, name: 'q', isCsv: false, toCsv: String };
  await answers(httpRequest({ method: 'GET' }), { ...first, read: async () => ({ as_of: '' }) });
});

/** Reading takes a second. */
const ask = (headers: Record<string, string> = {}, isCsv = false) =>
  answers(httpRequest({ method: 'GET', headers }), {
    caller: { ...caller, summaryReadsPerMinute: 1 } as Caller,
    name: `q ${isCsv}`,
    isCsv,
    read: async () => {
      reads += 1;
      clock.nowMs += secondMs;
      return { total, as_of: iso(clock.nowMs) };
    },
    toCsv: (answer) => `total\n${answer.total}\n`,
  });
const totalOf = ({ body }: { readonly body: string }) => JSON.parse(body).total;

describe('an answer', () => {
  it('says how old it is and for how long it is kept, and is the same until then', async () => {
    const first = await ask();
    total = 2;
    clock.nowMs += 4 * secondMs + 500;
    const kept = await ask();

    expect(first.headers).toMatchObject({
      'x-weir-age': '1',
      'cache-control': 'private, max-age=19',
      vary: 'authorization, x-api-key',
    });
    expect(kept.headers).toMatchObject({ 'x-weir-age': '5', 'cache-control': 'private, max-age=14' });
    expect([totalOf(first), totalOf(kept), reads]).toEqual([1, 1, 1]);
    clock.nowMs += 15 * secondMs;
    expect(totalOf(await ask())).toBe(2);
  });

  it.each(['no-cache', 'No-Store', 'max-age=0', 'foo, max-age=3'])(
    'is read anew with %s',
    async (directive) => {
      await ask();
      total = 2;
      clock.nowMs += 4 * secondMs;

      expect(totalOf(await ask({ 'Cache-Control': directive }))).toBe(2);
    },
  );

  it('of some seconds ago is enough for who says so', async () => {
    await ask();
    clock.nowMs += 4 * secondMs;

    await ask({ 'cache-control': 'max-age=10' });
    expect(reads).toBe(1);
  });

  it('is not sent to who has it, also if it was read anew and only the time has changed', async () => {
    const { headers, body } = await ask();
    const etag = String(headers?.etag);
    clock.nowMs += 30 * secondMs;

    for (const known of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      const answer = await ask({ 'If-None-Match': known });
      expect(answer).toMatchObject({
        statusCode: 304,
        body: '',
        headers: { etag, 'x-request-id': 'request-1' },
      });
    }
    expect(reads).toBe(2);
    expect(body).not.toBe('');
    expect((await ask({ 'if-none-match': '"other"' })).statusCode).toBe(200);
    total = 2;
    clock.nowMs += 30 * secondMs;
    expect((await ask({ 'if-none-match': etag })).statusCode).toBe(200);
  });

  it('that is kept does not count towards the limit of summary reads', async () => {
    for (let time = 0; time < 9; time += 1) await ask();
    const anew = () => ask({ 'cache-control': 'no-cache' });

    expect((await ask()).headers).not.toHaveProperty('RateLimit');
    expect((await anew()).headers).toHaveProperty('RateLimit');
    await anew();
    await expect(anew()).rejects.toMatchObject({ code: 'rate_limited' });
    expect((await ask()).statusCode).toBe(200);
  });

  it('in another format is another one, with another tag', async () => {
    const [json, csv] = [await ask(), await ask({}, true)];

    expect(csv.body).toBe('total\n1\n');
    expect(csv.headers?.['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers?.etag).not.toBe(json.headers?.etag);
  });
});
