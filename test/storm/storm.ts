// A storm over a running twin: batches of many accounts under the faults of a plan, then the audit, replays and an expiry.
// Returns what it found. Throws if a wave does not settle.

import { seedAt, seededRandom } from '@weir/twin/faults';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { linkLimits } from '../../adapters/storing/claim-in-logs.ts';
import { workPause } from '../../adapters/system/clock-and-random.ts';
import { identityKey } from '../../domain/keys.ts';
import { placeInLog } from '../../domain/storing/claim-log.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { putEmptyLinks } from '../support/empty-links.ts';
import { type StreamAccess, streamOf } from '../support/stream.ts';
import { type Aftermath, passAftermath } from './aftermath.ts';
import { summaryOf } from './clients-view.ts';
import { climb, environment } from './ladder.ts';
import { LedgerOfTruth } from './ledger-of-truth.ts';
import {
  planAlike,
  planStorm,
  type StormPlan,
  type StormSize,
  type TroubleOfOne,
  troublesAtLarge,
  troublesOfOne,
  type Wave,
} from './plan.ts';
import { Senders } from './senders.ts';
import { Settlement } from './settlement.ts';
import { StreamLog } from './stream-log.ts';
import { operatorConnection, readTables, tableNameOf } from './tables.ts';
import { atLarge, consumers, type Trouble } from './troubles.ts';
import { ofOne } from './troubles-of-one.ts';

export type StormReport = {
  readonly seed: number;
  readonly batches: number;
  readonly events: number;
  readonly records: number;
  /** The troubles of each wave. */
  readonly plan: readonly string[];
  /** How often each kind of trouble occurred. */
  readonly met: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
};

type Print = (line: string) => void;

type Storm = Aftermath & { readonly plan: StormPlan; readonly stream: StreamAccess; readonly print: Print };

/** The first number of alike batches in waves. Lower numbers are for the ladder. */
const firstOfWaves = 1000;

export async function runStorm(
  twin: RunningWeir,
  size: StormSize,
  print: Print = () => undefined,
): Promise<StormReport> {
  const plan = planStorm(size);
  const books = new LedgerOfTruth({ seed: size.seed, baseMs: twin.clock.now() });
  const log = new StreamLog(twin);
  const settlement = new Settlement(twin, books, log);
  const stream = streamOf(twin);
  const senders = await Senders.register(twin, books, plan.accounts);
  const storm: Storm = { twin, plan, books, log, settlement, stream, senders, print };
  try {
    await fillLog(storm);
    const met = await blow(storm);
    const violations = await passAftermath(storm);
    const { runs, identities } = await readTables(twin);
    met['rejections counted'] = log.rejections.length;
    met['runs folded'] = runs.filter(({ state }) => state === 'folded').length;
    met['claimed singly past a full log'] = identities.filter(
      ({ owner, eventId }) => placeInLog(`${owner}#${eventId}`) !== undefined,
    ).length;
    const { accepted, eventCount } = books;
    return {
      seed: size.seed,
      batches: accepted.length,
      events: eventCount,
      records: log.records.length,
      plan: plan.waves.map(renderTroubles),
      met,
      violations,
    };
  } finally {
    stream.end();
    settlement.end();
    log.end();
  }
}

/** A name whose id has a time. */
const inTime = { number: 1, variant: 0 };

/** But for two places: as the log of a client whose ids do not move in time. */
async function fillLog({ twin, plan, books }: Storm): Promise<void> {
  const [account = ''] = plan.accounts;
  const [event] = books.eventsOf({ account, events: [inTime] });
  const tenant = { account, environment, generation: 0 };
  const key = identityKey(tenant, event?.event_id ?? '');
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  const table = { client, name: tableNameOf(twin, 'ClaimLogs'), pause: workPause };
  const count = linkLimits.links - 2;
  await putEmptyLinks(table, { identityKey: key, count, nowMs: twin.clock.now() });
  client.destroy();
}

async function blow(storm: Storm): Promise<Record<string, number>> {
  const { plan, print } = storm;
  const killed = await climb({ ...storm, accounts: plan.accounts });
  print(`the consumer was killed after each of ${killed} calls`);
  const met: Record<string, number> = Object.fromEntries(
    [...troublesAtLarge, ...troublesOfOne].map((kind) => [kind, 0]),
  );
  met['killed after each call in turn'] = killed;
  for (const wave of plan.waves) {
    const startedAtMs = performance.now();
    try {
      for (const [kind, times] of await passWave(storm, wave)) met[kind] = (met[kind] ?? 0) + times;
    } catch (cause) {
      const sizes = wave.batches.map(({ events }) => events.length).join(', ');
      const what = `${renderTroubles(wave)}, with batches of ${sizes} events, did not settle`;
      throw new Error(`Seed ${plan.seed}: ${what}.`, { cause });
    }
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    print(`${renderTroubles(wave)} (of ${plan.waves.length}, ${seconds} s)`);
  }
  return met;
}

const renderTroubles = ({ number, atLarge, ofOne }: Wave): string =>
  `wave ${number + 1}: ${[...atLarge, ...ofOne].join(', ')}`;

type Met = readonly (readonly [string, number])[];

async function passWave(storm: Storm, wave: Wave): Promise<Met> {
  const { twin, plan, senders, log, settlement } = storm;
  const seed = seedAt(plan.seed, 100 + wave.number);
  const random = seededRandom(seed);
  const anyAccount = () => plan.accounts[Math.floor(random() * plan.accounts.length)] ?? '';
  const isHeld = wave.ofOne.length > 0;
  const holds = (isHeld ? consumers : []).map((caller) =>
    twin.faults.inject({ on: { caller }, do: { kind: 'stop' } }),
  );
  const general = () =>
    wave.atLarge.map((kind, index): Named => {
      const tenant = { account: anyAccount(), environment, generation: 0 };
      return [kind, atLarge[kind]({ ...storm, seed: seedAt(seed, index), random, tenant })];
    });
  const before = isHeld ? [] : general();
  const alike = wave.ofOne.map((_, index) =>
    planAlike(anyAccount(), firstOfWaves + wave.number * wave.ofOne.length + index),
  );

  const [ids] = await Promise.all([
    senders.send([...alike, ...wave.batches]),
    ...before.map(([, { meanwhile }]) => meanwhile?.()),
    // Readers fold days while late events are counted into them.
    ...[anyAccount(), anyAccount()].map((account) => summaryOf(senders, account)),
  ]);
  await log.refresh();
  const special = wave.ofOne.map((kind, index): Named => [kind, startOfOne(storm, kind, seed, ids[index])]);
  // Rules for one step of one batch come first: the first matching rule applies.
  const troubles = [...before, ...special, ...(isHeld ? general() : [])];
  for (const hold of holds) hold.remove();
  await Promise.all(special.map(([, { after }]) => after?.()));
  await settlement.reached();

  for (const [, { end }] of troubles) end();
  return troubles.map(([kind, { met }]) => [kind, met()]);
}

type Named = readonly [string, Trouble];

function startOfOne(
  { twin, log, settlement }: Storm,
  kind: TroubleOfOne,
  seed: number,
  batchId = '',
): Trouble {
  const isSettled = async () => (await settlement.open(batchId)).length === 0;
  return ofOne[kind]({ twin, seed, batchId, shardId: log.shardOf(batchId), isSettled });
}
