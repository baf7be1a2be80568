// What 20 quiet accounts notice of three that misbehave, with 6 ms of latency on every AWS call. A whale offers 50 times its
// limit, a backfill sends 500 events over 30 days at a time, and a broken client sends garbage. All limits are a hundredth,
// so that the loud load stays below 60 % of the processors. `npm run bench:fairness`; `--seconds N` makes it shorter.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tiers } from '../domain/accounts/tiers.ts';
import { dayMs } from '../domain/system/time.ts';
import { at, renderHeard, sendQuietly, together } from './neighbours-bench/quiet-account.ts';
import { headersOf } from './support/flood.ts';
import { report } from './support/held.ts';
import { serveAccounts, withServed } from './support/served-accounts.ts';
import { processorSeconds, renderUse } from './twin-bench/processor.ts';

const { values } = parseArgs({
  options: { serve: { type: 'string' }, seconds: { type: 'string', default: '60' } },
});
const seconds = Number(values.seconds);
const callMs = 6;
const quietAccounts = 20;
const eventsPerMinute = tiers.standard.eventsPerMinute / 100;
const perSecond = eventsPerMinute / 60;
/** They weigh 97. */
const whaleBatch = 100;
const whaleEveryMs = (1000 * whaleBatch) / (50 * perSecond);
const garbageEveryMs = 50;

const loud = { tier: 'custom', limits: { eventsPerMinute } } as const;
const accounts = {
  whale: { name: 'whale', ...loud },
  backfill: { name: 'backfill', ...loud },
  garbage: { name: 'garbage', ...loud },
  ...Object.fromEntries(
    Array.from({ length: quietAccounts }, (_, index) => [
      `quiet${index}`,
      { name: `quiet-${index}`, tier: 'standard', limits: { eventsPerMinute } },
    ]),
  ),
} as const;

type Answer = { readonly status: number; readonly code?: string; readonly retryMs: number };

async function post(url: string, key: string, body: string): Promise<Answer> {
  const response = await fetch(`${url}/v1/events`, { method: 'POST', headers: headersOf(key), body });
  const { code } = (await response.json()) as { readonly code?: string };
  return {
    status: response.status,
    retryMs: 1000 * Number(response.headers.get('retry-after') ?? 0),
    ...(code !== undefined && { code }),
  };
}

const whaleBody = () =>
  JSON.stringify(Array.from({ length: whaleBatch }, () => ({ event_id: crypto.randomUUID(), type: 'w' })));
const backfillBody = () => {
  const nowMs = Date.now();
  return JSON.stringify(
    Array.from({ length: 500 }, () => ({
      type: 'b',
      timestamp: Math.floor(nowMs - Math.random() * 29 * dayMs),
    })),
  );
};

const bench = () =>
  withServed<string>(import.meta.filename, async ({ url, pid, keys }) => {
    const rules = [{ on: {}, do: { kind: 'latency', ms: callMs } }];
    const { ok } = await fetch(`${url}/_weir/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
    if (!ok) throw new Error('The twin did not take the fault plan.');
    const keyOf = (name: string) => keys[name] ?? '';
    const quiet = async (part: string, forSeconds = seconds) => {
      const before = processorSeconds(pid);
      const names = Array.from({ length: quietAccounts }, (_, index) => `quiet${index}`);
      const all = names.map((name, index) =>
        sendQuietly(url, keyOf(name), forSeconds, (1000 * index) / quietAccounts),
      );
      const heard = together(await Promise.all(all));
      console.log(renderHeard(part, heard));
      console.log(`  processors: ${renderUse(before, processorSeconds(pid), forSeconds)}`);
      return heard;
    };
    await quiet('to warm up', 10);
    const alone = await quiet('alone');

    const answers: Record<'whale' | 'backfill' | 'garbage', Answer[]> = {
      whale: [],
      backfill: [],
      garbage: [],
    };
    let isOver = false;
    const every = async (of: 'whale' | 'garbage', pauseMs: number, body: () => string) => {
      const sent: Promise<unknown>[] = [];
      for (let dueMs = performance.now(); !isOver; dueMs += pauseMs) {
        await sleep(Math.max(0, dueMs - performance.now()));
        sent.push(post(url, keyOf(of), body()).then((answer) => answers[of].push(answer)));
      }
      await Promise.all(sent);
    };
    let [waited, untrue] = [0, 0];
    const obeying = async () => {
      let wasRefused = false;
      let body = backfillBody();
      while (!isOver) {
        const answer = await post(url, keyOf('backfill'), body);
        answers.backfill.push(answer);
        if (wasRefused) waited += 1;
        if (wasRefused && answer.status !== 202) untrue += 1;
        wasRefused = answer.status === 429;
        if (!wasRefused) body = backfillBody();
        const untilMs = performance.now() + (answer.status === 202 ? 500 : answer.retryMs);
        while (!isOver && performance.now() < untilMs) await sleep(100);
        if (isOver) break;
      }
    };
    const work = Promise.all([
      every('whale', whaleEveryMs, whaleBody),
      every('garbage', garbageEveryMs, () => '[{"type":'),
      obeying(),
    ]);
    const beside = await quiet('beside a whale, a backfill and garbage');
    isOver = true;
    await work;

    const counted = Object.entries(answers).map(([of, all]) => {
      const byCode = Object.groupBy(all, ({ status, code }) => `${status}${code ? ` ${code}` : ''}`);
      return `  ${of}: ${Object.entries(byCode)
        .map(([name, some]) => `${some?.length} times ${name}`)
        .join(', ')}`;
    });
    console.log(counted.join('\n'));
    const admitted = answers.whale.filter(({ status }) => status === 202).length * whaleBatch;
    const times = (share: number, of: 'answeredMs' | 'freshnessMs') =>
      at(share, beside[of]) / at(share, alone[of]);
    report('20 quiet accounts', [
      { what: 'requests of theirs that failed', figure: beside.failed + alone.failed, most: 0 },
      { what: 'times their P50 of being alone', figure: times(0.5, 'answeredMs'), most: 1.5 },
      { what: 'times their P99 of being alone', figure: times(0.99, 'answeredMs'), most: 1.5 },
      { what: 'times their freshness P99 of being alone', figure: times(0.99, 'freshnessMs'), most: 1.5 },
    ]);
    report('the loud ones', [
      {
        what: 'events of the whale, of its limit, its burst and the stated bound',
        figure: admitted / (eventsPerMinute * 3 + perSecond * (seconds + 1) + 4 * whaleBatch),
        most: 1,
      },
      {
        what: `of ${waited} times that Retry-After was waited for, it was not true`,
        figure: untrue,
        most: 0,
      },
    ]);
  });

if (values.serve === undefined) await bench();
else await serveAccounts(values.serve, accounts);
