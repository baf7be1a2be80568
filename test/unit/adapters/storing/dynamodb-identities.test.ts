import { ConditionalCheckFailedException, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  DynamoDBDocumentClient,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { StatementRefused } from '../../../../adapters/aws/insert-items.ts';
import { DynamoIdentities } from '../../../../adapters/storing/dynamodb-identities.ts';
import type { IdentityClaim } from '../../../../domain/storing/identity.ts';

const client = mockClient(DynamoDBDocumentClient);
afterAll(() => client.restore());
let pauses = 0;
beforeEach(() => {
  client.reset();
  pauses = 0;
});
const identities = () =>
  new DynamoIdentities({
    client: client as unknown as DynamoDBDocumentClient,
    name: 'identities',
    pause: async () => {
      pauses += 1;
    },
  });

const claims = (count: number): IdentityClaim[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    record: 'b.0',
    page: '0#01#0#b.0#0',
    digest: new Uint8Array(16),
    receivedAtMs: 0,
    untilMs: 10,
    expiresAtMs: 20,
  }));

const undecided = [{ outcome: 'undecided' }];

it('claims 25 ids a call', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: Array(25).fill({}) });

  await identities().claim(claims(60));

  const sizes = client
    .commandCalls(BatchExecuteStatementCommand)
    .map((call) => call.args[0].input.Statements?.length);
  expect(sizes.toSorted()).toEqual([10, 25, 25]);
});

it('retries only the throttled statements, after a pause, because the SDK retries none', async () => {
  client
    .on(BatchExecuteStatementCommand)
    .resolvesOnce({ Responses: [{}, { Error: { Code: 'ThrottlingError' } }, {}] })
    .resolves({ Responses: [{}] });

  const results = await identities().claim(claims(3));

  expect(results).toEqual(Array(3).fill({ outcome: 'claimed' }));
  const [, second] = client.commandCalls(BatchExecuteStatementCommand);
  expect(second?.args[0].input.Statements?.map(({ Parameters }) => Parameters?.[0])).toEqual(['k1']);
  expect(pauses).toBe(1);
});

it('leaves only the ids undecided whose throttling does not end', async () => {
  const throttled = { Error: { Code: 'ThrottlingError' } } as const;
  client
    .on(BatchExecuteStatementCommand)
    .resolvesOnce({ Responses: [{}, throttled, {}] })
    .resolves({ Responses: [throttled] });

  expect((await identities().claim(claims(3))).map(({ outcome }) => outcome)).toEqual([
    'claimed',
    'undecided',
    'claimed',
  ]);
  expect(pauses).toBeGreaterThan(1);
});

it('claims an id again if its item was gone between insert and read', async () => {
  client
    .on(BatchExecuteStatementCommand)
    .resolvesOnce({ Responses: [{ Error: { Code: 'DuplicateItem' } }] })
    .resolves({ Responses: [{}] });
  client.on(BatchGetCommand).resolves({ Responses: { identities: [] } });

  expect(await identities().claim(claims(1))).toEqual([{ outcome: 'claimed' }]);
});

const conditionFailed = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
const holder = (u: number, record: string) => ({
  Responses: { identities: [{ pk: 'k0', p: `0#01#0#${record}#0`, d: new Uint8Array(16), u }] },
});

it('reads the holder again if a takeover is lost to a third record', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code: 'DuplicateItem' } }] });
  client.on(BatchGetCommand).resolvesOnce(holder(-1, 'first.0')).resolves(holder(10, 'third.0'));
  client.on(UpdateCommand).rejects(conditionFailed);

  expect(await identities().claim(claims(1))).toMatchObject([
    { outcome: 'held', by: { record: 'third.0', untilMs: 10 } },
  ]);
  expect(client.commandCalls(UpdateCommand)).toHaveLength(1);
  expect(pauses).toBe(1);
});

it('leaves an id undecided whose takeovers are lost at every try', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code: 'DuplicateItem' } }] });
  client.on(BatchGetCommand).resolves(holder(-1, 'first.0'));
  client.on(UpdateCommand).rejects(conditionFailed);

  expect(await identities().claim(claims(1))).toEqual(undecided);
});

it('releases the other claims if some are no longer its own', async () => {
  client.on(UpdateCommand).rejectsOnce(conditionFailed).resolves({});

  await identities().release(claims(9), 5);

  expect(client.commandCalls(UpdateCommand)).toHaveLength(9);
});

it('does not take a missing table for claims that are no longer its own', async () => {
  client.on(UpdateCommand).rejects(serviceException('InternalServerError'));

  await expect(identities().release(claims(1), 5)).rejects.toThrow(TableUnavailable);
});

it.each(['ValidationError', 'ItemCollectionSizeLimitExceeded'])(
  'throws %s as a bug, not as a transient error',
  async (Code) => {
    client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code } }] as never });

    await expect(identities().claim(claims(1))).rejects.toThrow(StatementRefused);
  },
);

it.each(['AccessDenied', 'ResourceNotFound', 'InternalServerError'])(
  'takes %s for a transient error, of a statement as of the whole call',
  async (Code) => {
    client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code } }] as never });
    expect(await identities().claim(claims(1))).toEqual(undecided);

    client.on(BatchExecuteStatementCommand).rejects(serviceException(`${Code}Exception`));
    await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
  },
);

it('takes only an answer without an error for a claim', async () => {
  client.on(BatchExecuteStatementCommand).resolves({});
  expect(await identities().claim(claims(1))).toEqual(undecided);

  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: {} }] });
  expect(await identities().claim(claims(1))).toEqual(undecided);
});

it('throws a JavaScript error as it is: a retry would not help', async () => {
  client.on(BatchExecuteStatementCommand).rejects(new TypeError('undefined is not a function'));

  await expect(identities().claim(claims(1))).rejects.toThrow(TypeError);
});

it('takes a refused connection for a transient error', async () => {
  client
    .on(BatchExecuteStatementCommand)
    .rejects(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));

  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
});

const serviceException = (name: string) =>
  new DynamoDBServiceException({ name, $fault: 'client', $metadata: {}, message: name });
