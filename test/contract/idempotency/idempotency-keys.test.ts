import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoIdempotencyKeys } from '../../../adapters/idempotency/dynamodb-idempotency-keys.ts';
import { MemoryIdempotencyKeys } from '../../../adapters/idempotency/memory-idempotency-keys.ts';
import type { IdempotencyRecord } from '../../../domain/idempotency/idempotency.ts';
import type { IdempotencyKeys } from '../../../domain/idempotency/port.ts';
import { makeSeed } from '../../../domain/record/batch-id.ts';
import { dayMs, epochSeconds } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { losingTheFirstAnswer } from '../../support/lost-answers.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const leaseUntilMs = nowMs + 12_000;
const record = (fields: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  digest: 'digest',
  seed: makeSeed(nowMs, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])),
  settings: {
    ...{ stream: 'priority', slots: [1, 3], retentionDays: 30 },
    ...{ layout: 1, keyNumber: 1, policy: 'policy', strict: true },
  },
  leaseUntilMs,
  expiresAtMs: nowMs + dayMs,
  ...fields,
});
const another = record({ seed: makeSeed(nowMs, new Uint8Array(8)) });

const answer = Uint8Array.from([1, 2, 3]);

let run = 0;
let tenant = { account: 'acme', environment: 'production', generation: 0 };
beforeEach(() => {
  run += 1;
  tenant = { account: `acme-${run}`, environment: 'production', generation: 0 };
});
const plain = (found: IdempotencyRecord | undefined) => found && { ...found, seed: [...found.seed] };

describe.each<[string, () => IdempotencyKeys]>([
  ['memory', () => new MemoryIdempotencyKeys()],
  ['DynamoDB', () => new DynamoIdempotencyKeys(tables.table('ledger'))],
])('idempotency keys in %s', (_, create) => {
  it('are begun once, and then return the record that began them', async () => {
    const keys = create();

    expect(await keys.begin(tenant, 'k', record(), nowMs)).toBeUndefined();
    expect(plain(await keys.begin(tenant, 'k', another, nowMs))).toEqual(plain(record()));
  });

  it('are begun if they find their own record, written by a call whose answer was lost', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    expect(await keys.begin(tenant, 'k', record(), nowMs)).toBeUndefined();
  });

  it('are separate for each account and environment', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    expect(await keys.begin({ ...tenant, environment: 'staging' }, 'k', another, nowMs)).toBeUndefined();
    expect(
      await keys.begin({ ...tenant, account: `${tenant.account}-2` }, 'k', another, nowMs),
    ).toBeUndefined();
    expect(await keys.begin(tenant, 'l', another, nowMs)).toBeUndefined();
  });

  it('expire to the millisecond, though DynamoDB deletes late', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    expect(await keys.begin(tenant, 'k', another, nowMs + dayMs - 1)).toBeDefined();
    expect(await keys.begin(tenant, 'k', another, nowMs + dayMs)).toBeUndefined();
  });

  it('are taken over by one caller only, and only from the lease that was read', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    expect(await keys.takeOver(tenant, 'k', record(), leaseUntilMs + 1)).toBe(true);
    expect(await keys.takeOver(tenant, 'k', record(), leaseUntilMs + 2)).toBe(false);
    expect(await keys.begin(tenant, 'k', another, nowMs)).toMatchObject({ leaseUntilMs: leaseUntilMs + 1 });
  });

  it('are ended with an answer, and then never taken over', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    await keys.end(tenant, 'k', leaseUntilMs, answer);

    const found = await keys.begin(tenant, 'k', another, nowMs);
    expect([...(found?.answer ?? [])]).toEqual([...answer]);
    expect(found?.settings).toEqual(record().settings);
    expect(await keys.takeOver(tenant, 'k', found ?? record(), leaseUntilMs + 1)).toBe(false);
  });

  it('are ended without an answer, so that the next request tries again', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);

    await keys.end(tenant, 'k', leaseUntilMs, undefined);

    const found = await keys.begin(tenant, 'k', another, nowMs);
    expect(found).toMatchObject({ leaseUntilMs: 0 });
    expect(found).not.toHaveProperty('answer');
    expect(await keys.takeOver(tenant, 'k', found ?? record(), leaseUntilMs + 1)).toBe(true);
  });

  it('are not ended by a caller that has lost the lease', async () => {
    const keys = create();
    await keys.begin(tenant, 'k', record(), nowMs);
    await keys.takeOver(tenant, 'k', record(), leaseUntilMs + 1);

    await keys.end(tenant, 'k', leaseUntilMs, answer);

    const found = await keys.begin(tenant, 'k', another, nowMs);
    expect(found).toMatchObject({ leaseUntilMs: leaseUntilMs + 1 });
    expect(found).not.toHaveProperty('answer');
  });
});

it('the item of a key costs one write unit and carries the time after which DynamoDB may delete it', async () => {
  await new DynamoIdempotencyKeys(tables.table('ledger')).begin(tenant, 'k', record(), nowMs);

  const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tableNames.ledger }));
  const item = Items.find(({ pk }) => String(pk).startsWith(`idempotency#${tenant.account}#`));
  expect(item?.ttl).toBe(epochSeconds(nowMs + dayMs));
  expect(JSON.stringify(item).length).toBeLessThan(700);
});

it('a takeover whose answer was lost succeeds when the SDK retries it', async () => {
  const keys = new DynamoIdempotencyKeys(tables.table('ledger'));
  await keys.begin(tenant, 'k', record(), nowMs);
  const tries = await losingTheFirstAnswer(tables.client, async () => {
    expect(await keys.takeOver(tenant, 'k', record(), leaseUntilMs + 1)).toBe(true);
  });

  expect(tries).toBe(2);
});
