// What a release has stored is read by every later one: receipts, runs, documents, a day, pages, claims, ids, quarantine.

import { readFileSync } from 'node:fs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPageItem } from '../../../adapters/storing/dynamodb-page-items.ts';
import { hourMs } from '../../../domain/system/time.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';
import { Account, type Dump } from './account.ts';

type Fixture = {
  readonly nowMs: number;
  readonly sent: readonly (object & { readonly event_id: string })[];
  readonly answers: {
    readonly day: unknown;
    readonly week: unknown;
    readonly quarantine: unknown;
    readonly receipts: Readonly<Record<string, unknown>>;
  };
  readonly objects: Readonly<Record<string, string>>;
  readonly tables: Dump;
};

const versions = [1] as const;

describe.each(versions)('what version %i has stored', (version) => {
  const fixture = JSON.parse(
    readFileSync(new URL(`../../fixtures/stored-v${version}.json`, import.meta.url), 'utf8'),
  ) as Fixture;
  let tables: TestTables;
  let account: Account;
  beforeAll(async () => {
    tables = await startTables();
    account = new Account(tables);
    account.clock.nowMs = fixture.nowMs;
    await account.load(fixture.tables);
    for (const [name, data] of Object.entries(fixture.objects))
      await account.failedRecords.put(name, Buffer.from(data, 'base64'));
  });
  afterAll(() => tables.end());

  it('is in summaries', async () => {
    expect(await account.summary('24h')).toEqual(fixture.answers.day);
    expect(await account.summary('7d')).toEqual(fixture.answers.week);
  });

  it('has receipts', async () => {
    for (const [batchId, receipt] of Object.entries(fixture.answers.receipts))
      expect(await account.receipt(batchId)).toEqual(receipt);
  });

  it('is on pages, with the ids that were made for it', async () => {
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tableNames.pages }));
    const ids = Items.flatMap((item) => fromPageItem(item).events.map(({ event_id }) => event_id));

    expect(ids).toEqual(expect.arrayContaining(fixture.sent.map(({ event_id }) => event_id)));
  });

  it('is recognised when it is sent again', async () => {
    const { batchId, records } = await account.accept(fixture.sent);
    await account.consume(records);

    expect(await account.receipt(batchId)).toMatchObject({
      stored: 0,
      duplicates: fixture.sent.length,
      conflicts: 0,
    });
  });

  it('is in quarantine, and replayed from there', async () => {
    expect(await account.quarantine()).toEqual(fixture.answers.quarantine);
    expect(await account.jobs()).toHaveLength(1);

    account.clock.nowMs += hourMs;
    await account.settle({ source: 'aws.events', 'detail-type': 'Scheduled Event' });

    expect(await account.quarantine()).toMatchObject({ records: 0 });
    const parked = Object.keys(fixture.answers.receipts).at(-1) ?? '';
    expect(await account.receipt(parked)).toMatchObject({ status: 'stored', stored: 1 });
  });

  it('can be folded on', async () => {
    account.clock.nowMs += 2 * hourMs;
    const before = await account.summary('7d');
    await account.foldAll();

    expect(await account.summary('7d')).toEqual(before);
  });
});
