// How much memory the twin and its engines have at most, together, while clients send more than it can store, with data on
// disk as `npm start` keeps it.

import { existsSync, readFileSync } from 'node:fs';
import { sendLoad } from '../../test/support/load.ts';
import type { Held } from '../support/held.ts';
import { batchRequest, type Sender } from './events.ts';
import { childrenOf } from './processor.ts';
import type { Twin } from './serve.ts';

const mostMebibytes = 1024;
const batchSize = 500;
const requests = 600;
const requestsAtOnce = 64;
const lookEveryMs = 200;

export async function benchMemory({ url, pid }: Twin, senders: readonly Sender[]): Promise<readonly Held[]> {
  const idle = mebibytesOf(pid);
  let most = idle;
  const look = setInterval(() => {
    const now = mebibytesOf(pid);
    if (now > most) most = now;
  }, lookEveryMs);
  const outcomes = await sendLoad({
    url,
    count: requests,
    concurrency: requestsAtOnce,
    next: (index) => batchRequest(senders, index, { batchSize, ids: 'UUIDv7 of now', from: 0 }),
  });
  clearInterval(look);
  const accepted = outcomes.filter(({ status }) => status === 202).length;
  console.log(
    `${requests} requests of ${batchSize} events, ${requestsAtOnce} at once, ${accepted} accepted: ` +
      `${idle.toFixed(0)} MiB before, ${most.toFixed(0)} MiB at most`,
  );
  return [{ what: 'MiB of all processes', figure: most, most: mostMebibytes }];
}

/** Of the process and its children; 0 on systems other than Linux. */
function mebibytesOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/task`)) return 0;
  const resident = [pid, ...childrenOf(pid)].map((each) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
      return 0;
    }
  });
  return resident.reduce((sum, kibibytes) => sum + kibibytes, 0) / 1024;
}
