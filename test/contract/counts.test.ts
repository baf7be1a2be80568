import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoAggregates } from '../../adapters/dynamodb/aggregates.ts';
import { DynamoCounts } from '../../adapters/dynamodb/counts.ts';
import { DynamoReceipts } from '../../adapters/dynamodb/receipts.ts';
import { MemoryCounts } from '../../adapters/memory/counts.ts';
import { countRecords, marksOf } from '../../domain/counting.ts';
import { hourFromFields } from '../../domain/documents/hour.ts';
import { intakeFromFields } from '../../domain/documents/intake.ts';
import type { DocumentKey } from '../../domain/documents.ts';
import type { Aggregates, Counts, Receipts } from '../../domain/ports.ts';
import { changeOf, type RecordFate } from '../../domain/record-fate.ts';
import { hourMs } from '../../domain/time.ts';
import { events, nowMs } from '../support/events.ts';
import { startTables, type TestTables } from '../support/tables.ts';

type Ports = { counts: Counts; aggregates: Aggregates; receipts: Receipts };
let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = () => ({ account: `acme-${account}`, environment: 'production' });
const hour = Math.floor(nowMs / hourMs) * hourMs;
const record = (batchId: string, at = nowMs, count = 5): RecordFate => ({
  header: {
    tenant: tenant(),
    batchId,
    part: 0,
    parts: 1,
    slot: 0,
    layout: 1,
    events: count,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  },
  fresh: events(count, { timestamp: at }),
  duplicates: 0,
  conflicts: 0,
  bytes: 100,
});
const commitOf = (records: RecordFate[], found: Parameters<typeof countRecords>[1] = []) => ({
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
  return { counts, aggregates: counts, receipts: counts };
};
const dynamo = (): Ports => ({
  counts: new DynamoCounts({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  aggregates: new DynamoAggregates(tables.table('aggregates')),
  receipts: new DynamoReceipts(tables.table('ledger')),
});

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('counts in %s', (_, create) => {
  it('bring receipts and documents back as they were committed', async () => {
    const { counts, receipts } = create();
    const commit = commitOf([record('a')]);

    expect(await counts.commit(commit)).toEqual({ outcome: 'committed' });

    expect(await receipts.ofBatch(tenant(), 'a', 1)).toEqual(commit.changes.map(({ to }) => to));
    const [document] = await counts.documents([key('hour')]);
    expect(document).toMatchObject({ version: 1, key: key('hour') });
    expect(hourFromFields(document?.fields ?? {}).total).toBe(5);
  });

  it('count a record only where it has no receipt yet, and then nothing of the commit', async () => {
    const { counts } = create();
    await counts.commit(commitOf([record('a')]));
    const found = await counts.documents([key('hour'), key('intake')]);

    const result = await counts.commit(commitOf([record('a'), record('b')], found));

    expect(result).toEqual({ outcome: 'lost', taken: ['a.0'] });
    expect(await counts.receipts([{ tenant: tenant(), record: 'b.0' }])).toEqual([]);
    expect((await counts.documents([key('hour')]))[0]).toMatchObject({ version: 1 });
  });

  it('refuse a commit on a document that has moved since it was read', async () => {
    const { counts } = create();
    await counts.commit(commitOf([record('a')]));

    expect(await counts.commit(commitOf([record('b')]))).toEqual({ outcome: 'lost', taken: [] });
  });

  it('keep every count when many commit at once and the losers read again', async () => {
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

  it('give the documents of a range of hours: the first one in, the last one out', async () => {
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

  it('take a commit of a hundred actions', async () => {
    const { counts } = create();
    const records = Array.from({ length: 98 }, (_, index) => record(`b${index}`));

    expect(await counts.commit(commitOf(records))).toEqual({ outcome: 'committed' });
    const all = await counts.receipts(
      records.map(({ header }) => ({ tenant: tenant(), record: `${header.batchId}.0` })),
    );
    expect(all).toHaveLength(98);
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
});
