// The document client that all DynamoDB adapters share, and the one translation of its errors.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../domain/ports.ts';
import { type Connection, clientOptions, type Patience } from '../client-options.ts';

export function createDocumentClient(
  patience: Patience,
  connection: Connection = {},
): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(new DynamoDBClient({ ...clientOptions(patience), ...connection }), {
    marshallOptions: { removeUndefinedValues: true },
  });
}

export class TableUnavailable extends Unavailable {
  override readonly name = 'TableUnavailable';
}

/** Ours to mend: asking again will not help. Whatever else AWS or the network says may pass. */
const ownFaults = new Set([
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
]);

/** Runs a call and turns what may pass into TableUnavailable; conditions that fail are the caller's to read. */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    if (
      ownFaults.has(name) ||
      name.startsWith('ConditionalCheck') ||
      name === 'TransactionCanceledException'
    ) {
      throw cause;
    }
    throw new TableUnavailable(`${what} did not succeed (${name})`, { cause });
  }
}
