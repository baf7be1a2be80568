// The tables, streams, buckets, queues and topics that a call names, by their names alone.

import { isJsonRecord } from '../core/json-record.ts';
import type { AwsCall } from '../core/proxy/aws-call.ts';
import { type Json, jsonBody } from '../core/proxy/json-body.ts';
import { readPartiQl } from '../core/proxy/partiql.ts';

/** Each holds a name, or an address or ARN that ends with it. */
const nameKeys = [
  'TableName',
  'StreamName',
  'StreamARN',
  'QueueName',
  'QueueUrl',
  'TopicArn',
  'TargetArn',
] as const;

export function resourcesOf(call: AwsCall): readonly string[] {
  if (call.service === 's3') return [call.url.split(/[/?]/)[1] ?? ''];
  return namesIn(jsonBody(call.body) ?? Object.fromEntries(new URLSearchParams(call.body.toString())));
}

function namesIn(input: Json): readonly string[] {
  const actions = recordsIn(input.TransactItems).flatMap((item) => Object.values(item).filter(isJsonRecord));
  const statements = [input, ...recordsIn(input.Statements), ...recordsIn(input.TransactStatements)];
  return [
    ...[input, ...actions].flatMap(ownNames),
    ...statements.flatMap(({ Statement }) => readPartiQl(String(Statement))?.table ?? []),
    ...(isJsonRecord(input.RequestItems) ? Object.keys(input.RequestItems) : []),
  ];
}

function ownNames(input: Json): readonly string[] {
  return nameKeys.flatMap((key) => {
    const value = input[key];
    return typeof value === 'string' ? (value.split(/[/:]/).at(-1) ?? []) : [];
  });
}

function recordsIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJsonRecord) : [];
}
