// A PutRecord or PutRecords as far as limits go by it: the size and the hash key of each record.

import { createHash } from 'node:crypto';
import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import { type Json, jsonBody } from '../../../core/proxy/json-body.ts';

export type PutEntry = {
  readonly hashKey: bigint;
  /** The size of the decoded data and of the partition key together. */
  readonly bytes: number;
};
export type PutRequest = {
  readonly streamName: string;
  readonly input: Json;
  readonly records: readonly Json[];
  readonly entries: readonly PutEntry[];
};

const maxRecords = 500;
const maxDataBytes = 1_048_576;
const maxPartitionKeyLength = 256;
const explicitHashKey = /^(0|[1-9]\d{0,38})$/;

/** Undefined where anything of it is not as it should be: the engine refuses the whole call, in AWS's words. */
export function readPut({ operation, body }: AwsCall): PutRequest | undefined {
  const input = jsonBody(body);
  const streamName = input?.StreamName;
  const records = operation === 'PutRecords' ? input?.Records : [input];
  if (input === undefined || typeof streamName !== 'string' || !Array.isArray(records)) return undefined;
  if (records.length === 0 || records.length > maxRecords) return undefined;
  const entries = records.map(readEntry);
  return entries.includes(undefined)
    ? undefined
    : { streamName, input, records, entries: entries as readonly PutEntry[] };
}

function readEntry(record: Json | null | undefined): PutEntry | undefined {
  const { PartitionKey: key, Data: data, ExplicitHashKey: explicit } = record ?? {};
  if (typeof key !== 'string' || key.length === 0 || key.length > maxPartitionKeyLength) return undefined;
  if (typeof data !== 'string' || data.length % 4 !== 0) return undefined;
  const dataBytes = decodedBytes(data);
  const hashKey = explicit == null ? hashOf(key) : readExplicit(explicit);
  if (hashKey === undefined || dataBytes > maxDataBytes) return undefined;
  return { hashKey, bytes: dataBytes + Buffer.byteLength(key) };
}

function hashOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}

function readExplicit(hashKey: unknown): bigint | undefined {
  if (typeof hashKey !== 'string' || !explicitHashKey.test(hashKey)) return undefined;
  const value = BigInt(hashKey);
  return value < 2n ** 128n ? value : undefined;
}

function decodedBytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
