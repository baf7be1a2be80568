// The document client that all DynamoDB adapters share, and the one translation of its errors.

import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Connection, clientOptions, type Patience } from './client-options.ts';
import { mayPass } from './transient-errors.ts';

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

/** Runs a call and turns what may pass into TableUnavailable; conditions that fail are the caller's to read. */
export async function calling<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (isFailedCondition(cause) || !mayPass(cause)) throw cause;
    throw new TableUnavailable(`${what} did not succeed (${(cause as Error).name})`, { cause });
  }
}

const isFailedCondition = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException;
