import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoUsedSignatures } from '../../../adapters/signing/dynamodb-used-signatures.ts';
import { MemoryUsedSignatures } from '../../../adapters/signing/memory-used-signatures.ts';
import { systemRandom } from '../../../adapters/system/clock-and-random.ts';
import { onlySortKey, usedSignatureKey } from '../../../domain/keys.ts';
import type { UsedSignatures } from '../../../domain/signing/port.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { losingTheFirstAnswer } from '../../support/lost-answers.ts';
import { startTables, type TestTables, tableNames } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const account = 'acme';
const untilMs = nowMs + 6 * minuteMs;
const inDynamo = () => new DynamoUsedSignatures(tables.table('ledger'), systemRandom);

describe.each<[string, () => UsedSignatures]>([
  ['memory', () => new MemoryUsedSignatures()],
  ['DynamoDB', inDynamo],
])('used signatures in %s', (_, create) => {
  it('can be used once', async () => {
    const used = create();

    expect(await used.use(account, 'once', nowMs, untilMs)).toBe(true);
    expect(await used.use(account, 'once', nowMs, untilMs)).toBe(false);
    expect(await used.use(account, 'another', nowMs, untilMs)).toBe(true);
  });

  it('are separate for each account', async () => {
    const used = create();
    await used.use(account, 'own', nowMs, untilMs);

    expect(await used.use('other', 'own', nowMs, untilMs)).toBe(true);
  });

  it('are remembered to the millisecond, though DynamoDB deletes late', async () => {
    const used = create();
    await used.use(account, 'late', nowMs, untilMs);

    expect(await used.use(account, 'late', untilMs, untilMs)).toBe(false);
    expect(await used.use(account, 'late', untilMs + 1, untilMs + minuteMs)).toBe(true);
    expect(await used.use(account, 'late', untilMs + 1, untilMs + minuteMs)).toBe(false);
  });

  it('can be used by only one of many callers at once', async () => {
    const used = create();

    const good = await Promise.all(
      Array.from({ length: 8 }, () => used.use(account, 'race', nowMs, untilMs)),
    );

    expect(good.filter(Boolean)).toHaveLength(1);
  });
});

it('a used signature carries the time after which DynamoDB may delete it, in seconds', async () => {
  await inDynamo().use(account, 'kept', nowMs, untilMs + 1);

  const { Item } = await tables.client.send(
    new GetCommand({
      TableName: tableNames.ledger,
      Key: { pk: usedSignatureKey(account, 'kept'), sk: onlySortKey },
    }),
  );
  expect(Item).toMatchObject({ until_ms: untilMs + 1, ttl: untilMs / 1000 + 1 });
});

it('a use whose answer was lost succeeds when the SDK retries it', async () => {
  const tries = await losingTheFirstAnswer(tables.client, async () => {
    expect(await inDynamo().use(account, 'lost', nowMs, untilMs)).toBe(true);
  });

  expect(tries).toBe(2);
  expect(await inDynamo().use(account, 'lost', nowMs, untilMs)).toBe(false);
});
