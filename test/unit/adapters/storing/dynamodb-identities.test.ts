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
import { DynamoIdentities, StatementRefused } from '../../../../adapters/storing/dynamodb-identities.ts';
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

it('claims 25 ids a call', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: Array(25).fill({}) });

  await identities().claim(claims(60));

  const sizes = client
    .commandCalls(BatchExecuteStatementCommand)
    .map((call) => call.args[0].input.Statements?.length);
  expect(sizes.toSorted()).toEqual([10, 25, 25]);
});

it('tries only the throttled statements again, with a pause, because the SDK retries none', async () => {
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

it('gives up as unavailable when the throttling does not end', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code: 'ThrottlingError' } }] });

  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
});

it('claims again what was gone between the insert and the look', async () => {
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

it('goes round again where a takeover is lost to a third, and finds that one there', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code: 'DuplicateItem' } }] });
  client.on(BatchGetCommand).resolvesOnce(holder(-1, 'first.0')).resolves(holder(10, 'third.0'));
  client.on(UpdateCommand).rejects(conditionFailed);

  expect(await identities().claim(claims(1))).toMatchObject([
    { outcome: 'held', by: { record: 'third.0', untilMs: 10 } },
  ]);
  expect(client.commandCalls(UpdateCommand)).toHaveLength(1);
  expect(pauses).toBe(1);
});

it('gives up as unavailable when takeovers are lost again and again', async () => {
  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code: 'DuplicateItem' } }] });
  client.on(BatchGetCommand).resolves(holder(-1, 'first.0'));
  client.on(UpdateCommand).rejects(conditionFailed);

  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
});

it('releases the rest where some are no longer its own', async () => {
  client.on(UpdateCommand).rejectsOnce(conditionFailed).resolves({});

  await identities().release(claims(9), 5);

  expect(client.commandCalls(UpdateCommand)).toHaveLength(9);
});

it('does not take a table that is away for claims that are no longer its own', async () => {
  client.on(UpdateCommand).rejects(serviceException('InternalServerError'));

  await expect(identities().release(claims(1), 5)).rejects.toThrow(TableUnavailable);
});

it.each(['ValidationError', 'ItemCollectionSizeLimitExceeded'])(
  'does not take %s, a fault of its own, for an outage',
  async (Code) => {
    client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code } }] as never });

    await expect(identities().claim(claims(1))).rejects.toThrow(StatementRefused);
  },
);

it.each(['AccessDenied', 'ResourceNotFound', 'InternalServerError'])(
  'takes %s for an outage, of a statement as of the whole call',
  async (Code) => {
    client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: { Code } }] as never });
    await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);

    client.on(BatchExecuteStatementCommand).rejects(serviceException(`${Code}Exception`));
    await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
  },
);

it('takes no answer for a claim that does not say so', async () => {
  client.on(BatchExecuteStatementCommand).resolves({});
  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);

  client.on(BatchExecuteStatementCommand).resolves({ Responses: [{ Error: {} }] });
  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
});

it('lets a bug be a bug: nobody would mend it by waiting', async () => {
  client.on(BatchExecuteStatementCommand).rejects(new TypeError('undefined is not a function'));

  await expect(identities().claim(claims(1))).rejects.toThrow(TypeError);
});

it('takes a connection that is refused for an outage', async () => {
  client
    .on(BatchExecuteStatementCommand)
    .rejects(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));

  await expect(identities().claim(claims(1))).rejects.toThrow(TableUnavailable);
});

const serviceException = (name: string) =>
  new DynamoDBServiceException({ name, $fault: 'client', $metadata: {}, message: name });
