// After the storm: records quarantined after an outage are replayed automatically, crashed ones by an operator. Everything
// is audited, folded, expires, and is delivered again. Returns all violations, each with the step that found it.

import type { ArrivedRecord } from '../../adapters/record/kinesis-stream-reader.ts';
import { tiers } from '../../domain/accounts/tiers.ts';
import type { SettleAnswer, SettleRequest } from '../../domain/quarantine/quarantine.ts';
import { replayIdentity } from '../../domain/record/delivery.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';
import type { Reconciliation } from '../../lambdas/report/report.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { eventually } from '../support/eventually.ts';
import type { StreamAccess } from '../support/stream.ts';
import { auditTables } from './audit.ts';
import { isWaiting, type Violation } from './audit-runs.ts';
import { auditTally } from './audit-tally.ts';
import { askForAllDays, askReceipts, askSummaries } from './clients-view.ts';
import { sendLagging } from './lagging.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import { planAlike } from './plan.ts';
import { reconcile } from './reconcile.ts';
import { type Senders, shortLived } from './senders.ts';
import { patienceMs, type Settlement } from './settlement.ts';
import type { StreamLog } from './stream-log.ts';
import { readTables, type Tables } from './tables.ts';

export type Aftermath = {
  readonly twin: RunningWeir;
  readonly plan: { readonly seed: number; readonly accounts: readonly string[] };
  readonly books: LedgerOfTruth;
  readonly log: StreamLog;
  readonly settlement: Settlement;
  readonly senders: Senders;
  readonly stream: StreamAccess;
  readonly print: (line: string) => void;
};

type Step = (aftermath: Aftermath) => Promise<readonly Violation[]>;

const steps: readonly (readonly [string, Step])[] = [
  ['after the storm', audit],
  ['replayed after an outage', replayedAutomatically],
  ['replayed by an operator', replayedByAnOperator],
  ['counted since the last runs', countMore],
  ['the ledger from the door', tallied],
  ['receipts as clients see them', askReceipts],
  ['summaries as clients see them', (aftermath) => askSummaries(aftermath)],
  ['all runs folded', foldAll],
  ['summaries of folded runs', askForAllDays],
  ['passed by a run', passedBy],
  ['summaries of what was passed by', (aftermath) => askSummaries(aftermath)],
  ['after an expiry', expired],
  ['all runs folded after an expiry', foldAll],
  ['delivered again', redelivered],
];

export async function passAftermath(aftermath: Aftermath): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const [name, step] of steps) {
    const found = await step(aftermath);
    violations.push(...found.map((violation) => `${name}: ${violation}`));
    aftermath.print(`${name}: ${found.length === 0 ? 'as it should be' : `${found.length} violations`}`);
  }
  return violations;
}

async function audit({ twin, books, log, settlement }: Aftermath): Promise<readonly Violation[]> {
  await settlement.quiet();
  const tables = await readTables(twin);
  return [
    ...auditTables(tables),
    ...reconcile({ books, records: log.records, rejections: log.rejections, tables }),
  ];
}

/** All that was on the streams is in the tally, and report finds an outcome of all of it. */
async function tallied({ twin, books, log }: Aftermath): Promise<readonly Violation[]> {
  const wrong = auditTally(await readTables(twin), { records: log.records, ownerless: books.ownerless });
  const { missing, inFlight } = (await twin.invoke('report', {})) as Reconciliation;
  return [
    ...wrong,
    ...(missing + inFlight === 0
      ? []
      : [`report finds ${missing} events missing and ${inFlight} records in flight`]),
  ];
}

/** Moves the clock by the five minutes between sweeps, until no outage is left in quarantine. */
async function replayedAutomatically(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin } = aftermath;
  await eventually(
    async () => {
      if (Object.values(twin.functions.activity()).every(({ busy }) => busy === 0))
        twin.clock.moveBy(5 * minuteMs);
      return (await readTables(twin)).quarantine.filter(({ reason }) => reason === 'outage');
    },
    ({ length }) => length === 0,
    patienceMs,
  );
  return audit(aftermath);
}

/** A record that crashed the function can be stored now. A poison record stays in quarantine. */
async function replayedByAnOperator(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin } = aftermath;
  const wrong: Violation[] = [];
  for (const { lane, record, receivedAtMs, reason } of (await readTables(twin)).quarantine) {
    const request: SettleRequest = { action: 'replay', lane, record, receivedAtMs };
    const { outcome } = (await twin.invoke('settle', request)) as SettleAnswer;
    const expected = reason === 'crashed' ? 'stored' : reason;
    if (outcome !== expected) wrong.push(`the replay of ${record} (${reason}) ended ${outcome}`);
  }
  return [...wrong, ...(await audit(aftermath))];
}

/** Alike batches of a number that neither the ladder nor the waves take. */
const numberOfMore = 900;

/** The replays moved the clock, and all runs may be folded. Summaries must show what is not, too. */
async function countMore(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin, plan, senders, log, settlement } = aftermath;
  await senders.send(plan.accounts.map((account) => planAlike(account, numberOfMore)));
  await log.refresh();
  await settlement.reached();
  const tables = await readTables(twin);
  const waiting = tables.receipts.filter(isWaiting(tables)).map(({ lane }) => lane.tenant.account);
  const without = plan.accounts.filter((account) => !waiting.includes(account));
  return [
    ...without.map((account) => `no receipt of ${account} waits for a run`),
    ...(await audit(aftermath)),
  ];
}

const foldFaults = [
  { kind: 'kill', moment: 'before' },
  { kind: 'kill', moment: 'after' },
  { kind: 'drop_answer' },
] as const;

/** Longer than any lane waits: the hour of its receipts is over, and their puts are old. */
const foldDueAfterMs = hourMs + 15 * minuteMs;

/** Folds what is left, so that a delivery finds nothing to fold. Some folds are killed at any call, or lose an answer. */
async function foldAll(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin, plan, settlement } = aftermath;
  const faults = foldFaults.map((action) =>
    twin.faults.inject({ on: { caller: 'report' }, do: action, when: { times: 1, share: 0.05 } }, plan.seed),
  );
  twin.clock.moveBy(foldDueAfterMs);
  await eventually(
    async () => {
      await twin.invoke('report', {}).catch(() => 'killed');
      await settlement.quiet();
      const tables = await readTables(twin);
      const waiting = tables.receipts.filter(isWaiting(tables)).length;
      return { waiting, announced: tables.runs.filter(({ state }) => state === 'announced').length };
    },
    ({ waiting, announced }) => waiting === 0 && announced === 0,
    patienceMs,
  );
  for (const fault of faults) fault.remove();
  return audit(aftermath);
}

async function passedBy(aftermath: Aftermath): Promise<readonly Violation[]> {
  return [...(await sendLagging(aftermath)), ...(await audit(aftermath))];
}

/** Delivers everything that was ever on the stream again, twice at once: not a byte may change. */
async function redelivered({ twin, log }: Aftermath): Promise<readonly Violation[]> {
  const before = await readTables(twin);
  const wrong: Violation[] = [];
  for (const event of deliveriesOf(log.arrived)) {
    const answers = await Promise.all([twin.invoke('consume', event), twin.invoke('consume', event)]);
    for (const answer of answers) {
      const { batchItemFailures } = answer as { batchItemFailures: readonly unknown[] };
      if (batchItemFailures.length > 0) wrong.push(`${batchItemFailures.length} records failed`);
    }
  }
  return [...wrong, ...changesBetween(before, await readTables(twin))];
}

function changesBetween({ digests: before }: Tables, { digests: after }: Tables): Violation[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} ${before.has(name) ? (after.has(name) ? 'changed' : 'is gone') : 'is new'}`);
}

const recordsPerDelivery = 100;
const bytesPerDelivery = 4 * 1024 * 1024;

function* deliveriesOf(records: readonly ArrivedRecord[]) {
  let some: ArrivedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (some.length === recordsPerDelivery || bytes + record.data.length > bytesPerDelivery) {
      yield eventOf(some);
      [some, bytes] = [[], 0];
    }
    some.push(record);
    bytes += record.data.length;
  }
  yield eventOf(some);
}

const eventOf = (records: readonly ArrivedRecord[]) => ({
  Records: records.map(({ shardId, sequenceNumber, partitionKey, data }) => ({
    eventID: `${shardId}:${sequenceNumber}`,
    invokeIdentityArn: replayIdentity,
    kinesis: { partitionKey, sequenceNumber, data: Buffer.from(data).toString('base64') },
  })),
});

/** After the retention of one account its ids are new again. Those of all others are not. */
async function expired(aftermath: Aftermath): Promise<readonly Violation[]> {
  const { twin, plan, books, senders, log, settlement } = aftermath;
  const [long = ''] = plan.accounts;
  const short = shortLived(plan.accounts);
  const batches = [short, long].map((account) => planAlike(account, 0));
  const send = async () => {
    const ids = await senders.send(batches);
    await log.refresh();
    await settlement.reached();
    return ids;
  };
  await send();
  twin.clock.moveBy((tiers.standard.retentionDays + 1) * dayMs);
  books.beginAnotherLife(
    short,
    books.eventsOf(batches[0] ?? { account: short, events: [] }).map(({ event_id }) => event_id),
  );
  await send();
  return audit(aftermath);
}
