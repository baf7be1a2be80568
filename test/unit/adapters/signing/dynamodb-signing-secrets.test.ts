import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { TableUnavailable } from '../../../../adapters/aws/dynamodb-client.ts';
import { DynamoSigningSecrets } from '../../../../adapters/signing/dynamodb-signing-secrets.ts';
import { DynamoUsedSignatures } from '../../../../adapters/signing/dynamodb-used-signatures.ts';
import { seededRandom } from '../../../support/clock.ts';

const client = mockClient(DynamoDBDocumentClient);
afterAll(() => client.restore());
let pauses = 0;
beforeEach(() => {
  client.reset();
  pauses = 0;
});
const table = {
  client: client as unknown as DynamoDBDocumentClient,
  name: 'table',
  pause: async () => {
    pauses += 1;
  },
};
const signingSecrets = new DynamoSigningSecrets(table);
const usedSignatures = new DynamoUsedSignatures(table, seededRandom());

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
const away = Object.assign(new Error('away'), { name: 'TimeoutError' });

it('retries a change of secrets that conflicts with another transaction, because the SDK does not', async () => {
  client.on(TransactWriteCommand).rejectsOnce(cancelled('None', 'TransactionConflict')).resolves({});

  expect(await signingSecrets.replace('acme', 'read', undefined, [])).toBe(true);
  expect(pauses).toBe(1);
});

it('is unavailable if the change meets conflicts at every try', async () => {
  client.on(TransactWriteCommand).rejects(cancelled('TransactionConflict', 'None'));

  await expect(signingSecrets.replace('acme', 'read', undefined, [])).rejects.toThrow(TableUnavailable);
  expect(pauses).toBe(5);
});

it('throws if the change is wrong, rather than return false', async () => {
  client.on(TransactWriteCommand).rejects(cancelled('ValidationError', 'None'));

  await expect(signingSecrets.replace('acme', 'read', undefined, [])).rejects.toThrow(
    TransactionCanceledException,
  );
});

it('reads secrets consistently, so that a removed one is gone at once', async () => {
  client.on(GetCommand).resolves({});

  await signingSecrets.find('acme');

  expect(client.commandCalls(GetCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
});

it('is unavailable while the table is missing, for signatures and for secrets', async () => {
  client.rejects(away);

  await expect(usedSignatures.use('acme', 'digest', 0, 1)).rejects.toThrow(TableUnavailable);
  await expect(signingSecrets.find('acme')).rejects.toThrow(TableUnavailable);
  await expect(signingSecrets.replace('acme', undefined, undefined, [])).rejects.toThrow(TableUnavailable);
  expect(client.commandCalls(PutCommand)).toHaveLength(1);
});
