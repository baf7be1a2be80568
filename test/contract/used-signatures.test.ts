import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoUsedSignatures } from '../../adapters/signing/dynamodb-used-signatures.ts';
import { MemoryUsedSignatures } from '../../adapters/signing/memory-used-signatures.ts';
import { systemRandom } from '../../adapters/system/system.ts';
import { onlySortKey, usedSignatureKey } from '../../domain/keys.ts';
import type { UsedSignatures } from '../../domain/signing/port.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { nowMs } from '../support/events.ts';
import { losingTheFirstAnswer } from '../support/lost-answers.ts';
import { startTables, type TestTables, tableNames } from '../support/tables.ts';

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
  it('are good once', async () => {
    const used = create();

    expect(await used.use(account, 'once', nowMs, untilMs)).toBe(true);
    expect(await used.use(account, 'once', nowMs, untilMs)).toBe(false);
    expect(await used.use(account, 'another', nowMs, untilMs)).toBe(true);
  });

  it('are each account’s own', async () => {
    const used = create();
    await used.use(account, 'own', nowMs, untilMs);

    expect(await used.use('other', 'own', nowMs, untilMs)).toBe(true);
  });

  it('are remembered to the millisecond, though the table deletes late', async () => {
    const used = create();
    await used.use(account, 'late', nowMs, untilMs);

    expect(await used.use(account, 'late', untilMs, untilMs)).toBe(false);
    expect(await used.use(account, 'late', untilMs + 1, untilMs + minuteMs)).toBe(true);
    expect(await used.use(account, 'late', untilMs + 1, untilMs + minuteMs)).toBe(false);
  });

  it('are good for one of those who use them at once', async () => {
    const used = create();

    const good = await Promise.all(
      Array.from({ length: 8 }, () => used.use(account, 'race', nowMs, untilMs)),
    );

    expect(good.filter(Boolean)).toHaveLength(1);
  });
});

it('a used signature is kept with the time after which the table may delete it, in seconds', async () => {
  await inDynamo().use(account, 'kept', nowMs, untilMs + 1);

  const { Item } = await tables.client.send(
    new GetCommand({
      TableName: tableNames.ledger,
      Key: { pk: usedSignatureKey(account, 'kept'), sk: onlySortKey },
    }),
  );
  expect(Item).toMatchObject({ until_ms: untilMs + 1, ttl: untilMs / 1000 + 1 });
});

it('a use whose answer was lost is not taken for a replay when the SDK tries again', async () => {
  const tries = await losingTheFirstAnswer(tables.client, async () => {
    expect(await inDynamo().use(account, 'lost', nowMs, untilMs)).toBe(true);
  });

  expect(tries).toBe(2);
  expect(await inDynamo().use(account, 'lost', nowMs, untilMs)).toBe(false);
});
