// How many quarantined records a sweep replays in a second, against one replay after another, and how long one of another
// account waits behind those of a loud one. In memory, with six milliseconds a call. `npm run bench:sweep`.

import { setTimeout } from 'node:timers/promises';
import { MemoryLanes } from '../adapters/counting/memory-lanes.ts';
import { MemoryFailedRecords } from '../adapters/quarantine/memory-failed-records.ts';
import { MemoryRejections } from '../adapters/rejections/memory-rejections.ts';
import { MemoryPlatformKeys } from '../adapters/signing/memory-platform-keys.ts';
import { MemoryIdentities } from '../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../adapters/storing/memory-pages.ts';
import { encodeBody, encodeEnvelope, readHeader } from '../domain/record/envelope.ts';
import { hourMs } from '../domain/system/time.ts';
import { replayEntry } from '../lambdas/settle/replay-record.ts';
import { sweep } from '../lambdas/settle/sweep.ts';
import { quarantineRecords } from '../lambdas/storing/quarantine-records.ts';
import { seededRandom, TestClock } from '../test/support/clock.ts';
import { nowMs } from '../test/support/events.ts';
import { silentLogger, TestMeter } from '../test/support/meter.ts';
import { report } from './support/held.ts';

const callMs = 6;
const eventsPerRecord = 20;

/** Every call of the port takes its time, also one that lists. */
const slow = <Port extends object>(port: Port): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      if (name === 'list' || name === 'jobs') return member.bind(target);
      return async (...given: unknown[]) => {
        await setTimeout(callMs);
        return member.apply(target, given);
      };
    },
  });

async function quarantined(accounts: ReadonlyMap<string, number>) {
  const clock = new TestClock(nowMs);
  const lanes = new MemoryLanes();
  const meter = new TestMeter();
  const replayedAt = new Map<string, number>();
  const logger = {
    ...silentLogger,
    info: (message: unknown, ...[names]: readonly unknown[]) => {
      const { account = '' } = (names ?? {}) as { readonly account?: string };
      if (message === 'a record is replayed') replayedAt.set(account, performance.now());
    },
  };
  const ports = {
    identities: new MemoryIdentities(),
    pages: new MemoryPages(),
    lanes,
    quarantine: lanes.quarantine,
    rejections: new MemoryRejections(),
    failedRecords: new MemoryFailedRecords(clock),
    platformKeys: new MemoryPlatformKeys(seededRandom()),
  };
  const others = {
    clock,
    meter,
    logger,
    generations: { of: async () => new Map() },
    pauses: { contested: (attempt: number) => setTimeout(20 * (attempt + 1)) },
  };
  for (const [account, many] of accounts)
    for (let batch = 0; batch < many; batch += 1) {
      const data = sealed(account, batch);
      await quarantineRecords({ ...ports, ...others }, [
        { header: readHeader(data), data, cause: { reason: 'outage' } },
      ]);
    }
  clock.nowMs += hourMs;
  const slowly = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, slow(port)]));
  return { deps: { ...others, ...(slowly as typeof ports) }, entries: ports.quarantine, replayedAt };
}

function sealed(account: string, batch: number): Uint8Array {
  const events = Array.from({ length: eventsPerRecord }, (_, index) => ({
    event_id: `${batch}-${index}`,
    type: 'order',
    timestamp: nowMs,
  }));
  return encodeEnvelope(
    {
      ...{
        tenant: { account, environment: 'production', generation: 0 },
        batchId: `b${batch}`,
        part: 0,
        parts: 1,
      },
      ...{ slot: 0, late: false, kind: 'events', layout: 1, receivedAtMs: nowMs, retentionDays: 30 },
      ...{ region: 'us-east-1', requestId: 'r' },
    },
    encodeBody(events),
  );
}

async function oneByOne(): Promise<number> {
  const { deps, entries } = await quarantined(new Map([['one', 60]]));
  const tenant = { account: 'one', environment: 'production', generation: 0 };
  const all = await Array.fromAsync(entries.newest(tenant));
  const startMs = performance.now();
  for (const entry of all) await replayEntry(deps, entry);
  return (all.length * 1000) / (performance.now() - startMs);
}

async function swept(accounts: ReadonlyMap<string, number>) {
  const { deps, replayedAt } = await quarantined(accounts);
  const startMs = performance.now();
  const { jobs } = await sweep(deps, () => 300_000);
  const perSecond = (jobs.done * 1000) / (performance.now() - startMs);
  return { perSecond, waitMs: (account: string) => (replayedAt.get(account) ?? Number.NaN) - startMs };
}

const alone = await oneByOne();
const ofOne = await swept(new Map([['one', 200]]));
const ofMany = await swept(new Map(Array.from({ length: 8 }, (_, index) => [`a${index}`, 50])));
const behind = await swept(
  new Map([
    ['loud', 400],
    ['quiet', 1],
  ]),
);
console.log(
  `a second: ${alone.toFixed(0)} one by one, ${ofOne.perSecond.toFixed(0)} of one lane, ` +
    `${ofMany.perSecond.toFixed(0)} of eight accounts; one behind 400 of another account after ` +
    `${behind.waitMs('quiet').toFixed(0)} ms`,
);
report('sweep', [
  {
    what: 'one by one, of what a sweep of eight accounts replays',
    figure: alone / ofMany.perSecond,
    most: 0.3,
  },
  {
    what: 'milliseconds that one waits behind 400 of another account',
    figure: behind.waitMs('quiet'),
    most: 1000,
  },
]);
