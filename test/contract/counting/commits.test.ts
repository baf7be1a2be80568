// Transactions of receipts with documents, marks, quarantine entries and jobs, made as count-directly.ts makes them.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoCountingLanes } from '../../../adapters/counting/dynamodb-counting-lanes.ts';
import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { dayItemKey } from '../../../adapters/documents/dynamodb-document-items.ts';
import { DynamoQuarantine } from '../../../adapters/quarantine/dynamodb-quarantine.ts';
import { additionOf, countInto, documentsTouched, marksOf } from '../../../domain/counting/additions.ts';
import type { LaneCommit, Lanes } from '../../../domain/counting/port.ts';
import type { Receipt, ReceiptChange } from '../../../domain/counting/receipt.ts';
import type { VersionedDocument } from '../../../domain/documents/documents.ts';
import { intakeFromFields } from '../../../domain/documents/intake.ts';
import { type Lane, markSortKey, tenantKey } from '../../../domain/keys.ts';
import type { Quarantine } from '../../../domain/quarantine/port.ts';
import { newJob } from '../../../domain/quarantine/quarantine.ts';
import {
  changeOf,
  guardsExpireAtMs,
  type QuarantineCause,
  type RecordOutcome,
} from '../../../domain/storing/record-outcome.ts';
import { dayMs, epochSeconds, floorTo, hourMs } from '../../../domain/system/time.ts';
import { events, fresh, nowMs } from '../../support/events.ts';
import { laneReceipt, tenantOf } from '../../support/lanes.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

type Ports = { lanes: Lanes; quarantine: Quarantine; mark: (day: number) => Promise<number> };

let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = () => tenantOf(`acme-${account}`);
const yesterday = floorTo(nowMs, dayMs) - dayMs;

const record = (batchId: string, at = nowMs, { slot = 0, late = false } = {}): RecordOutcome => ({
  header: {
    tenant: tenant(),
    batchId,
    part: 0,
    parts: 1,
    slot,
    late,
    kind: 'events',
    layout: 1,
    events: 5,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  },
  ...fresh(events(5, { timestamp: at })),
  duplicates: 0,
  conflicts: 0,
  bytes: 100,
});
const outage: QuarantineCause = { reason: 'outage', cause: 'TableUnavailable' };
const unstorable = (batchId: string, quarantined = outage): RecordOutcome => ({
  ...record(batchId),
  ...fresh([]),
  quarantined,
});
const placeOfBatch = (batchId: string, lane: Lane = { tenant: tenant(), slot: 0, late: false }) => ({
  lane,
  record: `${batchId}.0` as const,
  receivedAtMs: nowMs,
});

function directly(outcome: RecordOutcome): ReceiptChange {
  const change = changeOf(outcome, nowMs + 9);
  const { delta: _, ...to } = change.to;
  return { ...change, to: { ...to, mode: 'direct' } };
}
const additionsOf = (outcomes: readonly RecordOutcome[]) =>
  outcomes.map((outcome) => additionOf(changeOf(outcome, nowMs + 9).to, outcome.found));
function commitOf(outcomes: readonly RecordOutcome[], found: readonly VersionedDocument[] = []): LaneCommit {
  const additions = additionsOf(outcomes);
  const documents = countInto(additions, found);
  return { changes: outcomes.map(directly), documents, marks: marksOf(documents, additions, nowMs) };
}
const documentsOf = ({ lanes }: Ports, outcomes: readonly RecordOutcome[]) =>
  lanes.documents([...documentsTouched(additionsOf(outcomes)).values()]);
const commit = async (ports: Ports, ...outcomes: readonly RecordOutcome[]) =>
  ports.lanes.commit(commitOf(outcomes, await documentsOf(ports, outcomes)));
const changed = (ports: Ports, ...changes: readonly ReceiptChange[]) =>
  ports.lanes.commit({ changes, documents: [], marks: [] });

const receiptOf = async ({ lanes }: Ports, batchId: string) =>
  (await lanes.receipts([placeOfBatch(batchId)]))[0];
const listed = async ({ quarantine }: Ports) =>
  (await Array.fromAsync(quarantine.list(tenant(), 0, nowMs + 1))).map((entry) => entry.record);
const jobsOf = async ({ quarantine }: Ports) =>
  (await Array.fromAsync(quarantine.jobs(nowMs + dayMs))).filter(
    ({ lane }) => lane.tenant.account === tenant().account,
  );
const intakeOf = async (ports: Ports, outcome: RecordOutcome) => {
  const documents = await documentsOf(ports, [outcome]);
  return intakeFromFields(documents.find(({ key }) => key.kind === 'intake')?.fields ?? {});
};

const memory = (): Ports => {
  const lanes = new MemoryLanes();
  const mark = async (day: number) => lanes.marks.get(`${tenantKey(tenant())}#${day}`) ?? 0;
  return { lanes, quarantine: lanes.quarantine, mark };
};
async function markItem(day: number) {
  const Key = dayItemKey(tenant(), markSortKey(day));
  const { Item } = await tables.client.send(new GetCommand({ TableName: tableNames.aggregates, Key }));
  return Item;
}
const dynamo = (): Ports => ({
  lanes: new DynamoCountingLanes({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  quarantine: new DynamoQuarantine(tables.table('ledger')),
  mark: async (day) => Number((await markItem(day))?.times ?? 0),
});

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('commits in %s', (_, create) => {
  it('lose no count when many commit at once and the losers read again', async () => {
    const ports = create();
    const countOne = async (batchId: string) => {
      while ((await commit(ports, record(batchId))).outcome !== 'committed');
    };

    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(countOne));

    const documents = await documentsOf(ports, [record('a')]);
    expect(documents.map(({ version }) => version)).toEqual([5, 5]);
    expect(await intakeOf(ports, record('a'))).toMatchObject({ received: 25, stored: 25 });
  });

  it('accept a hundred actions', async () => {
    const ports = create();
    const records = Array.from({ length: 98 }, (__, index) => record(`b${index}`));

    expect(await commit(ports, ...records)).toEqual({ outcome: 'committed' });

    const places = records.map(({ header }) => placeOfBatch(header.batchId));
    expect(await ports.lanes.receipts(places)).toHaveLength(98);
  });

  it('return exactly the records whose receipts have changed', async () => {
    const ports = create();
    await commit(ports, record('b'), record('d'));

    const result = await commit(ports, ...['a', 'b', 'c', 'd'].map((batchId) => record(batchId)));

    expect(result).toEqual({ outcome: 'lost', taken: ['b.0', 'd.0'] });
  });

  it('are guarded by an expired receipt as by any other (R6)', async () => {
    const ports = create();
    const ancient = { ...record('a'), header: { ...record('a').header, receivedAtMs: 1000 } };
    const { to } = directly(ancient);
    await changed(ports, { to: { ...to, expiresAtMs: guardsExpireAtMs(ancient.header) } });

    expect(guardsExpireAtMs(ancient.header)).toBeLessThan(Date.now());
    expect(await ports.lanes.receipts([{ ...placeOfBatch('a'), receivedAtMs: 1000 }])).toMatchObject([
      { expiresAtMs: guardsExpireAtMs(ancient.header) },
    ]);
    expect(await commit(ports, ancient)).toEqual({ outcome: 'lost', taken: ['a.0'] });
  });

  it('keep the receipts and documents of each lane apart', async () => {
    const ports = create();
    await commit(ports, record('a'));

    expect(await commit(ports, record('a', nowMs, { late: true }))).toEqual({ outcome: 'committed' });
    expect(await commit(ports, record('a', nowMs, { slot: 1 }))).toEqual({ outcome: 'committed' });

    expect(await intakeOf(ports, record('a'))).toMatchObject({ received: 5 });
  });

  it('add up the marks of closed days over all commits and lanes', async () => {
    const ports = create();
    const closed = (batchId: string, lane: { slot: number; late?: boolean }) =>
      record(batchId, yesterday + hourMs, lane);

    for (const each of [
      closed('a', { slot: 0 }),
      closed('b', { slot: 1 }),
      closed('c', { slot: 0, late: true }),
      record('d', nowMs, { slot: 3 }),
    ])
      expect(await commit(ports, each)).toEqual({ outcome: 'committed' });
    await commit(ports, closed('a', { slot: 0 }));

    expect(await ports.mark(yesterday)).toBe(3);
    expect(await ports.mark(yesterday + dayMs)).toBe(0);
    expect(await ports.mark(yesterday - dayMs)).toBe(0);
  });

  it('refuse to read one receipt twice in a call', async () => {
    const { lanes } = create();

    await expect(lanes.receipts([placeOfBatch('a'), placeOfBatch('a')])).rejects.toThrow(/twice|duplicates/);
  });

  it('read the receipts of more records than one call takes', async () => {
    const ports = create();
    await commit(ports, record('a'));
    const asked = Array.from({ length: 150 }, (__, index) => placeOfBatch(`x${index}`));

    const found = await ports.lanes.receipts([...asked, placeOfBatch('a')]);

    expect(found.map((receipt) => receipt.record)).toEqual(['a.0']);
  });

  describe('of receipts of all states', () => {
    const states: readonly Partial<Receipt>[] = [
      { state: 'counted' },
      { state: 'quarantined', reason: 'failed' },
      { state: 'discarded', reason: 'failed', freedAtMs: nowMs },
      { state: 'void', wasVoid: true },
    ];
    const says = { wasVoid: true, pageWidth: 8, verdicts: new Uint8Array([9]) } as const;
    const receipt = (overrides: Partial<Receipt>) =>
      laneReceipt('a', { lane: { tenant: tenant(), slot: 0, late: false }, mode: 'direct', ...overrides });

    it.each(states)('keep all that they say: $state', async (state) => {
      const ports = create();
      await changed(ports, { to: receipt({ ...says, ...state }) });

      expect(await receiptOf(ports, 'a')).toEqual(receipt({ ...says, ...state }));
    });

    it.each(states)('change a receipt only if it is still as it was read: $state', async (state) => {
      const ports = create();
      const from = receipt(state);
      await changed(ports, { to: from });
      const to = receipt({ stored: 7 });

      for (const other of states.filter(({ state: name }) => name !== state.state))
        expect(await changed(ports, { from: receipt(other), to })).toMatchObject({ outcome: 'lost' });
      expect(await changed(ports, { from: { ...from, mode: 'plain' }, to })).toMatchObject({
        outcome: 'lost',
      });
      expect(await changed(ports, { from, to })).toEqual({ outcome: 'committed' });

      expect(await receiptOf(ports, 'a')).toEqual(to);
    });

    it('say only once when the ids of a discarded record are free', async () => {
      const ports = create();
      const discarded = receipt({ state: 'discarded', reason: 'failed' });
      await changed(ports, { to: discarded });

      const first = await changed(ports, { from: discarded, to: { ...discarded, freedAtMs: nowMs } });
      const second = await changed(ports, { from: discarded, to: { ...discarded, freedAtMs: nowMs + 1 } });

      expect([first, second]).toMatchObject([{ outcome: 'committed' }, { outcome: 'lost' }]);
      expect(await receiptOf(ports, 'a')).toMatchObject({ freedAtMs: nowMs });
    });
  });

  describe('of a record that is quarantined', () => {
    it('write its receipt, its entry and its job together, each with its lane', async () => {
      const ports = create();
      const outcome = { ...unstorable('a'), header: record('a', nowMs, { slot: 7, late: true }).header };
      const { to, entry, job } = directly(outcome);
      const lane = { tenant: tenant(), slot: 7, late: true };

      expect(await commit(ports, outcome)).toEqual({ outcome: 'committed' });

      expect(await ports.lanes.receipts([placeOfBatch('a', lane)])).toEqual([to]);
      expect(to).toMatchObject({ state: 'quarantined', reason: 'outage', stored: 0 });
      expect(await Array.fromAsync(ports.quarantine.list(tenant(), 0, nowMs + 1))).toEqual([entry]);
      expect(await jobsOf(ports)).toEqual([job]);
      expect([entry?.lane, job?.lane]).toEqual([lane, lane]);
      expect(await intakeOf(ports, outcome)).toMatchObject({ received: 5, quarantined: 5 });
    });

    it.each<[string, QuarantineCause]>([
      ['undecodable', { reason: 'undecodable', cause: 'UnreadableEnvelope' }],
      ['failed', { reason: 'failed', cause: 'TypeError' }],
      ['crashed', { reason: 'crashed' }],
    ])('%s, write its reason and cause, and no job', async (__, quarantined) => {
      const ports = create();
      await commit(ports, unstorable('a', quarantined));

      const { reason } = quarantined;
      expect(await receiptOf(ports, 'a')).toMatchObject({ state: 'quarantined', reason });
      const entry = await ports.quarantine.find(placeOfBatch('a'));
      expect({ reason: entry?.reason, ...(entry?.cause && { cause: entry.cause }) }).toEqual(quarantined);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('write nothing if it has a receipt already', async () => {
      const ports = create();
      await commit(ports, record('a'));

      const result = await commit(ports, unstorable('a'), unstorable('b'));

      expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await receiptOf(ports, 'a')).toMatchObject({ state: 'counted' });
      expect(await receiptOf(ports, 'b')).toBeUndefined();
      expect(await listed(ports)).toEqual([]);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('write nothing if a document has changed', async () => {
      const ports = create();
      await commit(ports, record('a'));

      expect(await ports.lanes.commit(commitOf([unstorable('b')]))).toEqual({ outcome: 'lost', taken: [] });

      expect(await listed(ports)).toEqual([]);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('accept a hundred actions', async () => {
      const ports = create();
      const batches = Array.from({ length: 33 }, (__, index) => `b${String(index).padStart(2, '0')}`);

      expect(await commit(ports, ...batches.map((batchId) => unstorable(batchId)))).toEqual({
        outcome: 'committed',
      });

      const names = batches.map((batchId) => `${batchId}.0`);
      expect(await listed(ports)).toEqual(names);
      expect((await jobsOf(ports)).map((job) => job.record)).toEqual(names);
    });
  });

  describe('of a record that was in quarantine', () => {
    const quarantinedBefore = async (ports: Ports, batchId: string) => {
      await commit(ports, unstorable(batchId));
      return (await receiptOf(ports, batchId)) ?? expect.fail(`${batchId} was not quarantined`);
    };

    it('remove it from the list when it is stored', async () => {
      const ports = create();
      await quarantinedBefore(ports, 'stays');
      const found = await quarantinedBefore(ports, 'a');

      expect(await commit(ports, { ...record('a'), found })).toEqual({ outcome: 'committed' });

      expect(await receiptOf(ports, 'a')).toMatchObject({ state: 'counted', stored: 5 });
      expect(await listed(ports)).toEqual(['stays.0']);
      expect(await intakeOf(ports, record('a'))).toMatchObject({ received: 10, stored: 5, quarantined: 5 });
    });

    it('remove it from the list when it is discarded, and write a job', async () => {
      const ports = create();
      const from = await quarantinedBefore(ports, 'a');
      const to: Receipt = { ...from, state: 'discarded' };
      const job = newJob('discard', placeOfBatch('a'), nowMs + 1);

      expect(await changed(ports, { from, to, job })).toEqual({ outcome: 'committed' });

      expect(await receiptOf(ports, 'a')).toEqual(to);
      expect(await listed(ports)).toEqual([]);
      expect((await jobsOf(ports)).map(({ kind }) => kind)).toEqual(['discard', 'replay']);
    });

    it('keep it in the list, with the new reason, when it is quarantined again', async () => {
      const ports = create();
      const found = await quarantinedBefore(ports, 'a');

      const again = unstorable('a', { reason: 'failed', cause: 'RangeError' });
      expect(await commit(ports, { ...again, found })).toEqual({ outcome: 'committed' });

      expect(await listed(ports)).toEqual(['a.0']);
      expect(await ports.quarantine.find(placeOfBatch('a'))).toMatchObject({ cause: 'RangeError' });
    });

    it.each<[string, (ports: Ports) => Promise<unknown>]>([
      ['was never quarantined', async () => {}],
      ['is counted', (ports) => commit(ports, record('a'))],
      [
        'is discarded',
        async (ports) => {
          const from = await quarantinedBefore(ports, 'a');
          await changed(ports, { from, to: { ...from, state: 'discarded' } });
        },
      ],
    ])('return it as taken if it %s', async (__, arrange) => {
      const ports = create();
      await arrange(ports);
      const before = await receiptOf(ports, 'a');

      const found = directly(unstorable('a')).to;
      const result = await commit(ports, { ...record('a'), found }, record('b'));

      expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await receiptOf(ports, 'a')).toEqual(before);
      expect(await receiptOf(ports, 'b')).toBeUndefined();
    });

    it('are those of the first of two invocations that settle it', async () => {
      const ports = create();
      const from = await quarantinedBefore(ports, 'a');
      await commit(ports, { ...record('a'), found: from });

      const discard = await changed(ports, { from, to: { ...from, state: 'discarded' } });

      expect(discard).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await receiptOf(ports, 'a')).toMatchObject({ state: 'counted' });
    });
  });
});

it('a mark carries the time after which DynamoDB may delete it', async () => {
  const ports = dynamo();
  const commit = commitOf([record('a', yesterday)]);
  await ports.lanes.commit(commit);

  const [mark] = commit.marks;
  if (!mark) throw new Error('no mark');
  expect(await markItem(mark.dayMs)).toMatchObject({ times: 1, ttl: epochSeconds(mark.expiresAtMs) });
});
