// Reads summaries, or series of a month of hours, as the function does, in a process of its own, until they are ready, and
// thrice more. Says what that took.

import { requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoLanes } from '../../adapters/counting/dynamodb-lanes.ts';
import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { MemoryUse } from '../../adapters/limits/memory-use.ts';
import { boundsOf } from '../../domain/reading/summary.ts';
import { iso } from '../../domain/system/time.ts';
import { toContext } from '../../lambdas/edge/caller.ts';
import { type HttpRequest, ProblemError } from '../../lambdas/edge/http.ts';
import { summaryLimits } from '../../lambdas/read/read-window.ts';
import { readSeries, readSeriesQuestion } from '../../lambdas/read/series.ts';
import { readSummary, readSummaryQuestion } from '../../lambdas/read/summary.ts';
import { callerLimits } from '../../test/support/requests.ts';
import { noPause } from '../../test/support/tables.ts';
import { tenant } from '../consume-bench/load.ts';

export type ReaderReport = {
  readonly requests: number;
  readonly notReady: number;
  /** Of the first request of the process, which also compiles the code. */
  readonly firstCpuMs: number;
  /** Of the dearest one after it. */
  readonly laterCpuMs: number;
  readonly lastCpuMs: number;
  readonly idleMegabytes: number;
  readonly mostMegabytes: number;
  readonly total: number;
};

const [endpoint = '', slots = '1', nowMs = '0', what = 'summary'] = process.argv.slice(2);
const client = createDocumentClient(
  { ...requestTimeouts, requestTimeoutMs: 60_000 },
  { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' } },
);
const table = { client, name: 'aggregates', pause: noPause };
const deps = {
  lanes: new DynamoLanes(table),
  days: new DynamoDays(table),
  eventUse: new MemoryUse(),
  clock: { now: () => Number(nowMs) },
  logger: console,
  summaryLimits,
};
const caller = toContext({
  ...{
    tenant,
    keyId: 'bench',
    scopes: ['read'],
    tier: 'standard',
    retentionDays: 30,
    ...callerLimits,
  },
  ...{ stream: 'standard', slots: [0], mostSlots: Number(slots) },
});
const { fromMs, toMs } = boundsOf('30d', Number(nowMs));
const request = {
  multiValueQueryStringParameters:
    what === 'summary'
      ? { window: ['30d'] }
      : { interval: ['hour'], group_by: ['type'], from: [iso(fromMs)], to: [iso(toMs)] },
  requestContext: { authorizer: caller },
} as unknown as HttpRequest;

const megabytes = () => process.resourceUsage().maxRSS / 1024;
const idleMegabytes = megabytes();
const cpuMs: number[] = [];

/** Undefined if it is not ready. */
async function ask(): Promise<number | undefined> {
  const before = process.cpuUsage();
  try {
    const read =
      what === 'summary'
        ? readSummary(deps, readSummaryQuestion(request, Number(nowMs)))
        : readSeries(deps, readSeriesQuestion(request, Number(nowMs)));
    return (await read).total;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'summary_not_ready') return undefined;
    throw error;
  } finally {
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1000);
  }
}

let total = await ask();
while (total === undefined) total = await ask();
const notReady = cpuMs.length - 1;
for (let more = 0; more < 3; more += 1) await ask();
const answer: ReaderReport = {
  ...{ requests: cpuMs.length, notReady, total, idleMegabytes },
  ...{ firstCpuMs: cpuMs[0] ?? 0, laterCpuMs: Math.max(...cpuMs.slice(1)), lastCpuMs: cpuMs.at(-1) ?? 0 },
  mostMegabytes: megabytes(),
};
client.destroy();
process.send?.(answer);
