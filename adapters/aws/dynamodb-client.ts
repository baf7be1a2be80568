// The document client of all DynamoDB adapters, and the one place that translates its errors.

import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Connection, clientOptions, type Timeouts } from './client-options.ts';
import { isTransient } from './transient-errors.ts';

export function createDocumentClient(
  timeouts: Timeouts,
  connection: Connection = {},
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ ...clientOptions(timeouts), base64Decoder, ...connection });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** The SDK's own first matches the text against a pattern, which takes longer than all else that is done with a document. */
function base64Decoder(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text, 'base64');
  return new Uint8Array(buffer, byteOffset, length);
}

export class TableUnavailable extends Unavailable {
  override readonly name = 'TableUnavailable';
}

/** By one partition, or by all: who calls for several can tell. */
export class PartitionThrottled extends TableUnavailable {
  override readonly isOfPartition = true;
}

const partitionCodes = new Set(['ThrottlingException', 'ProvisionedThroughputExceededException']);

/** Turns transient errors of the call into TableUnavailable. Failed conditions are left to the caller. */
export async function callTable<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (isFailedCondition(cause) || !isTransient(cause)) throw cause;
    const { name } = cause as Error;
    const Kind = partitionCodes.has(name) ? PartitionThrottled : TableUnavailable;
    throw new Kind(`${what} did not succeed (${name})`, { cause });
  }
}

const isFailedCondition = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException || error instanceof TransactionCanceledException;
