import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoAggregates } from '../../../adapters/documents/dynamodb-aggregates.ts';
import { dayItemKey } from '../../../adapters/documents/dynamodb-document-items.ts';
import { DynamoQuarantine } from '../../../adapters/quarantine/dynamodb-quarantine.ts';
import { DynamoCounts } from '../../../adapters/storing/dynamodb-counts.ts';
import { DynamoReceipts } from '../../../adapters/storing/dynamodb-receipts.ts';
import { MemoryCounts } from '../../../adapters/storing/memory-counts.ts';
import type { DocumentKey } from '../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../domain/documents/hour.ts';
import { intakeFromFields } from '../../../domain/documents/intake.ts';
import type { Aggregates } from '../../../domain/documents/port.ts';
import { markSortKey, tenantKey } from '../../../domain/keys.ts';
import type { Quarantine } from '../../../domain/quarantine/port.ts';
import { countRecords, marksOf } from '../../../domain/storing/counting.ts';
import type { Counts, Receipts } from '../../../domain/storing/port.ts';
import type { Receipt } from '../../../domain/storing/receipt.ts';
import {
  changeOf,
  guardsExpireAtMs,
  type QuarantineCause,
  type RecordOutcome,
} from '../../../domain/storing/record-outcome.ts';
import { dayMs, epochSeconds, hourMs } from '../../../domain/system/time.ts';
import { events, fresh, nowMs } from '../../support/events.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

type Ports = {
  counts: Counts;
  aggregates: Aggregates;
  receipts: Receipts;
  quarantine: Quarantine;
  /** The mark of the closed day. */
  mark: (dayMs: number) => Promise<number>;
};
let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = () => ({ account: `acme-${account}`, environment: 'production', generation: 0 });
const hour = Math.floor(nowMs / hourMs) * hourMs;
const record = (batchId: string, at = nowMs, count = 5): RecordOutcome => ({
  header: {
    tenant: tenant(),
    batchId,
    part: 0,
    parts: 1,
    slot: 0,
    late: false,
    kind: 'events',
    layout: 1,
    events: count,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  },
  ...fresh(events(count, { timestamp: at })),
  duplicates: 0,
  conflicts: 0,
  bytes: 100,
});
const commitOf = (records: RecordOutcome[], found: Parameters<typeof countRecords>[1] = []) => ({
  changes: records.map((each) => changeOf(each, nowMs + 9)),
  documents: countRecords(records, found),
  marks: marksOf(records, nowMs),
});
const key = (kind: DocumentKey['kind'], at = hour): DocumentKey => ({
  tenant: tenant(),
  slot: 0,
  kind,
  hourMs: at,
});

const memory = (): Ports => {
  const counts = new MemoryCounts();
  const mark = async (day: number) => counts.marks.get(`${tenantKey(tenant())}#${day}`) ?? 0;
  return { counts, aggregates: counts, receipts: counts, quarantine: counts.quarantine, mark };
};
async function markItem(day: number) {
  const Key = dayItemKey(tenant(), markSortKey(day));
  const { Item } = await tables.client.send(new GetCommand({ TableName: tableNames.aggregates, Key }));
  return Item;
}
const dynamo = (): Ports => ({
  counts: new DynamoCounts({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  aggregates: new DynamoAggregates(tables.table('aggregates')),
  receipts: new DynamoReceipts(tables.table('ledger')),
  quarantine: new DynamoQuarantine(tables.table('ledger')),
  mark: async (day) => Number((await markItem(day))?.times ?? 0),
});

const outage: QuarantineCause = { reason: 'outage', cause: 'TableUnavailable' };
const unstorable = (batchId: string, quarantined = outage): RecordOutcome => ({
  ...record(batchId),
  ...fresh([]),
  quarantined,
});
const receiptOfRecord = async ({ counts }: Ports, batchId: string) =>
  (await counts.receipts([{ tenant: tenant(), record: `${batchId}.0` }]))[0];
const listed = async ({ quarantine }: Ports) =>
  (await Array.fromAsync(quarantine.list(tenant(), 0, nowMs + 1))).map((entry) => entry.record);
const jobsOf = async ({ quarantine }: Ports) =>
  (await quarantine.jobs(nowMs + dayMs, 1000)).filter((job) => job.tenant.account === tenant().account);
const found = (ports: Ports) => ports.counts.documents([key('hour'), key('intake')]);
/** Reads the documents first, as count-records.ts does. */
const commit = async (ports: Ports, records: RecordOutcome[]) =>
  ports.counts.commit(commitOf(records, await found(ports)));

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('counts in %s', (_, create) => {
  it('return receipts and documents as they were committed', async () => {
    const { counts, receipts } = create();
    const commit = commitOf([record('a')]);

    expect(await counts.commit(commit)).toEqual({ outcome: 'committed' });

    expect(await receipts.ofBatch(tenant(), 'a', 1)).toEqual(commit.changes.map(({ to }) => to));
    const [document] = await counts.documents([key('hour')]);
    expect(document).toMatchObject({ version: 1, key: key('hour') });
    expect(hourFromFields(document?.fields ?? {}).total.count).toBe(5);
  });

  it('commit nothing if one of the records has a receipt already', async () => {
    const { counts } = create();
    await counts.commit(commitOf([record('a')]));
    const found = await counts.documents([key('hour'), key('intake')]);

    const result = await counts.commit(commitOf([record('a'), record('b')], found));

    expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
    expect(await counts.receipts([{ tenant: tenant(), record: 'b.0' }])).toEqual([]);
    expect((await counts.documents([key('hour')]))[0]).toMatchObject({ version: 1 });
  });

  it('refuse a commit on a document that has changed since it was read', async () => {
    const { counts } = create();
    await counts.commit(commitOf([record('a')]));

    expect(await counts.commit(commitOf([record('b')]))).toEqual({ outcome: 'lost', taken: [] });
  });

  it('lose no count when many commit at once and the losers read again', async () => {
    const { counts } = create();
    const countOne = async (batchId: string) => {
      for (;;) {
        const found = await counts.documents([key('hour'), key('intake')]);
        const result = await counts.commit(commitOf([record(batchId)], found));
        if (result.outcome === 'committed') return;
      }
    };

    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(countOne));

    const [intake] = await counts.documents([key('intake')]);
    expect(intake?.version).toBe(5);
    expect(intakeFromFields(intake?.fields ?? {})).toMatchObject({ received: 25, stored: 25 });
  });

  it('return the documents of a range of hours, from the first hour up to and without the last', async () => {
    const { counts, aggregates } = create();
    for (const ago of [0, 1, 2, 3])
      await counts.commit(
        commitOf([record(`b${ago}`, nowMs - ago * hourMs)], await counts.documents([key('intake')])),
      );

    const found = await aggregates.range(tenant(), 0, 'hour', hour - 2 * hourMs, hour);

    expect(found.map((document) => document.key.hourMs).toSorted()).toEqual([
      hour - 2 * hourMs,
      hour - hourMs,
    ]);
  });

  it('accept a commit of a hundred actions', async () => {
    const { counts } = create();
    const records = Array.from({ length: 98 }, (_, index) => record(`b${index}`));

    expect(await counts.commit(commitOf(records))).toEqual({ outcome: 'committed' });
    const all = await counts.receipts(
      records.map(({ header }) => ({ tenant: tenant(), record: `${header.batchId}.0` })),
    );
    expect(all).toHaveLength(98);
  });

  it('refuse to read one receipt twice in a call', async () => {
    const { counts } = create();
    const asked = { tenant: tenant(), record: 'a.0' } as const;

    await expect(counts.receipts([asked, asked])).rejects.toThrow(/twice|duplicates/);
  });

  it('read the receipts of more records than one call takes', async () => {
    const { counts } = create();
    await counts.commit(commitOf([record('a')]));
    const asked = Array.from({ length: 150 }, (_, index) => ({
      tenant: tenant(),
      record: `x${index}.0` as const,
    }));

    const found = await counts.receipts([...asked, { tenant: tenant(), record: 'a.0' }]);

    expect(found.map((receipt) => receipt.record)).toEqual(['a.0']);
  });

  describe('of a record that is quarantined', () => {
    it('write its receipt, its entry and its job in one transaction', async () => {
      const ports = create();
      const { changes } = commitOf([unstorable('a')]);

      expect(await commit(ports, [unstorable('a')])).toEqual({ outcome: 'committed' });

      expect(await receiptOfRecord(ports, 'a')).toEqual(changes[0]?.to);
      expect(changes[0]?.to).toMatchObject({ state: 'quarantined', reason: 'outage', stored: 0 });
      expect(await Array.fromAsync(ports.quarantine.list(tenant(), 0, nowMs + 1))).toEqual([
        changes[0]?.entry,
      ]);
      expect(await jobsOf(ports)).toEqual([changes[0]?.job]);
      expect(intakeFromFields((await found(ports))[0]?.fields ?? {})).toMatchObject({ quarantined: 5 });
    });

    it.each<[string, QuarantineCause]>([
      ['undecodable', { reason: 'undecodable', cause: 'UnreadableEnvelope' }],
      ['failed', { reason: 'failed', cause: 'TypeError' }],
      ['crashed', { reason: 'crashed' }],
    ])('%s, write its reason and cause, and no job', async (__, quarantined) => {
      const ports = create();
      await commit(ports, [unstorable('a', quarantined)]);

      const { reason } = quarantined;
      expect(await receiptOfRecord(ports, 'a')).toMatchObject({ state: 'quarantined', reason });
      const entry = await ports.quarantine.find(tenant(), 'a.0', nowMs);
      expect({ reason: entry?.reason, ...(entry?.cause && { cause: entry.cause }) }).toEqual(quarantined);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('keep all that a receipt says, and say only once when the ids of a discarded record are free', async () => {
      const ports = create();
      const place = { tenant: tenant(), record: 'a.0' as const };
      const says = { wasVoid: true, pageWidth: 8, verdicts: new Uint8Array([9]) } as const;
      const counts = { accepted: 5, stored: 3, duplicates: 2, conflicts: 0 };
      const times = { receivedAtMs: nowMs, storedAtMs: nowMs, expiresAtMs: nowMs + dayMs };
      const discarded: Receipt = {
        ...place,
        ...says,
        ...counts,
        ...times,
        state: 'discarded',
        reason: 'failed',
      };
      const change = (from: Receipt | undefined, to: Receipt) =>
        ports.counts.commit({ changes: [{ ...(from && { from }), to }], documents: [], marks: [] });
      await change(undefined, discarded);

      const first = await change(discarded, { ...discarded, freedAtMs: nowMs });
      const second = await change(discarded, { ...discarded, freedAtMs: nowMs + 1 });

      expect([first, second]).toMatchObject([{ outcome: 'committed' }, { outcome: 'lost' }]);
      const [receipt] = await ports.counts.receipts([place]);
      expect(receipt).toEqual({ ...discarded, freedAtMs: nowMs, verdicts: expect.anything() });
      expect([...(receipt?.verdicts ?? [])]).toEqual([9]);
    });

    it('write nothing if it has a receipt already', async () => {
      const ports = create();
      await commit(ports, [record('a')]);

      expect(await commit(ports, [unstorable('a'), unstorable('b')])).toEqual({
        outcome: 'lost',
        taken: ['a.0'],
      });

      expect(await receiptOfRecord(ports, 'a')).toMatchObject({ state: 'counted' });
      expect(await receiptOfRecord(ports, 'b')).toBeUndefined();
      expect(await listed(ports)).toEqual([]);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('write nothing if a document has changed', async () => {
      const ports = create();
      await commit(ports, [record('a')]);

      expect(await ports.counts.commit(commitOf([unstorable('b')]))).toEqual({ outcome: 'lost', taken: [] });

      expect(await listed(ports)).toEqual([]);
      expect(await jobsOf(ports)).toEqual([]);
    });

    it('accept a transaction of a hundred actions', async () => {
      const ports = create();
      const records = Array.from({ length: 33 }, (__, index) =>
        unstorable(`b${String(index).padStart(2, '0')}`),
      );

      expect(await commit(ports, records)).toEqual({ outcome: 'committed' });

      const names = records.map(({ header }) => `${header.batchId}.0`);
      expect(await listed(ports)).toEqual(names);
      expect((await jobsOf(ports)).map((job) => job.record)).toEqual(names);
    });
  });

  describe('of a record that was in quarantine', () => {
    const quarantinedBefore = async (ports: Ports, batchId: string) => {
      await commit(ports, [unstorable(batchId)]);
      const receipt = await receiptOfRecord(ports, batchId);
      if (!receipt) throw new Error(`${batchId} was not quarantined`);
      return receipt;
    };

    it('remove it from the list when it is stored', async () => {
      const ports = create();
      await quarantinedBefore(ports, 'stays');
      const receipt = await quarantinedBefore(ports, 'a');

      expect(await commit(ports, [{ ...record('a'), found: receipt }])).toEqual({ outcome: 'committed' });

      expect(await receiptOfRecord(ports, 'a')).toMatchObject({ state: 'counted', stored: 5 });
      expect(await listed(ports)).toEqual(['stays.0']);
    });

    it('remove it from the list when it is discarded, and write a job', async () => {
      const ports = create();
      const receipt = await quarantinedBefore(ports, 'a');
      const [before] = await jobsOf(ports);
      const job = {
        ...before,
        kind: 'discard',
        tenant: tenant(),
        record: 'a.0',
        receivedAtMs: nowMs,
      } as const;
      const to = { ...receipt, state: 'discarded' } as const;

      const result = await ports.counts.commit({
        changes: [{ from: receipt, to, job: { ...job, dueAtMs: nowMs + 1 } }],
        documents: [],
        marks: [],
      });

      expect(result).toEqual({ outcome: 'committed' });
      expect(await receiptOfRecord(ports, 'a')).toEqual(to);
      expect(await listed(ports)).toEqual([]);
      expect((await jobsOf(ports)).map(({ kind }) => kind)).toEqual(['discard', 'replay']);
    });

    it('keep it in the list, with the new reason, when it is quarantined again', async () => {
      const ports = create();
      const receipt = await quarantinedBefore(ports, 'a');

      const again = unstorable('a', { reason: 'failed', cause: 'RangeError' });
      expect(await commit(ports, [{ ...again, found: receipt }])).toEqual({ outcome: 'committed' });

      expect(await listed(ports)).toEqual(['a.0']);
      expect(await ports.quarantine.find(tenant(), 'a.0', nowMs)).toMatchObject({ cause: 'RangeError' });
    });

    it.each<[string, (ports: Ports) => Promise<unknown>]>([
      ['was never quarantined', async () => {}],
      ['is counted', (ports) => commit(ports, [record('a')])],
      [
        'is discarded',
        async (ports) => {
          const receipt = await quarantinedBefore(ports, 'a');
          const to = { ...receipt, state: 'discarded' } as const;
          await ports.counts.commit({ changes: [{ from: receipt, to }], documents: [], marks: [] });
        },
      ],
    ])('return it as taken if it %s', async (__, arrange) => {
      const ports = create();
      await arrange(ports);
      const before = await receiptOfRecord(ports, 'a');
      const [change] = commitOf([unstorable('a')]).changes;
      if (!change) throw new Error('no change');

      const result = await commit(ports, [{ ...record('a'), found: change.to }, record('b')]);

      expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await receiptOfRecord(ports, 'a')).toEqual(before);
      expect(await receiptOfRecord(ports, 'b')).toBeUndefined();
    });

    it('are those of the first of two invocations that settle it', async () => {
      const ports = create();
      const receipt = await quarantinedBefore(ports, 'a');
      await commit(ports, [{ ...record('a'), found: receipt }]);

      const discard = await ports.counts.commit({
        changes: [{ from: receipt, to: { ...receipt, state: 'discarded' } }],
        documents: [],
        marks: [],
      });

      expect(discard).toEqual({ outcome: 'lost', taken: ['a.0'] });
      expect(await receiptOfRecord(ports, 'a')).toMatchObject({ state: 'counted' });
    });
  });

  it('return exactly the records of a fold whose receipts have changed', async () => {
    const ports = create();
    await commit(ports, [record('b'), record('d')]);

    const result = await commit(
      ports,
      ['a', 'b', 'c', 'd'].map((batchId) => record(batchId)),
    );

    expect(result).toEqual({ outcome: 'lost', taken: ['b.0', 'd.0'] });
  });

  it('are guarded by an expired receipt as by any other (R6)', async () => {
    const ports = create();
    const ancient = { ...record('a'), header: { ...record('a').header, receivedAtMs: 1000 } };
    await ports.counts.commit({ changes: [changeOf(ancient, 2000)], documents: [], marks: [] });

    expect(guardsExpireAtMs(ancient.header)).toBeLessThan(Date.now());
    expect(await receiptOfRecord(ports, 'a')).toMatchObject({
      expiresAtMs: guardsExpireAtMs(ancient.header),
    });
    expect(await commit(ports, [record('a')])).toEqual({ outcome: 'lost', taken: ['a.0'] });
  });

  it('add up the marks of closed days over all commits and slots', async () => {
    const ports = create();
    const yesterday = Math.floor(nowMs / dayMs) * dayMs - dayMs;
    const inSlot = (slot: number, { header, ...rest }: RecordOutcome): RecordOutcome => ({
      header: { ...header, slot },
      ...rest,
    });
    const late = (batchId: string, slot: number) => inSlot(slot, record(batchId, yesterday + hourMs));

    for (const each of [late('a', 0), late('b', 1), late('c', 2), inSlot(3, record('d'))])
      expect(await ports.counts.commit(commitOf([each]))).toEqual({ outcome: 'committed' });
    await commit(ports, [late('a', 0)]);

    expect(await ports.mark(yesterday)).toBe(3);
    expect(await ports.mark(yesterday + dayMs)).toBe(0);
    expect(await ports.mark(yesterday - dayMs)).toBe(0);
  });
});

it('a mark carries the time after which DynamoDB may delete it', async () => {
  const commit = commitOf([record('a', Math.floor(nowMs / dayMs) * dayMs - dayMs)]);
  await dynamo().counts.commit(commit);

  const [mark] = commit.marks;
  if (!mark) throw new Error('no mark');
  expect(await markItem(mark.dayMs)).toMatchObject({ times: 1, ttl: epochSeconds(mark.expiresAtMs) });
});
