// The inputs of the function: the notification of an object in the bucket, the tick of the schedule, or the request of an
// operator. The error for anything else says what the inputs are.

import { isAccountId, isEnvironment, isGeneration, isSlot, letterPrefixes } from '../../domain/keys.ts';
import type { SettleRequest } from '../../domain/quarantine/quarantine.ts';
import type { RecordId } from '../../domain/record/record-id.ts';

export type Task =
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'request'; readonly request: SettleRequest };

export class UnknownTask extends Error {
  override readonly name = 'UnknownTask';
  constructor() {
    super(
      `Unknown input. Send an event "Object Created" of an object under ${letterPrefixes.join(' or ')}, a "Scheduled Event", or ` +
        '{ action: "replay" | "discard", lane: { tenant: { account, environment, generation }, slot, late }, record, receivedAtMs }.',
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

export function readTask(event: unknown): Task {
  const fields = fieldsOf(event);
  const task = readObject(fields) ?? readTick(fields) ?? readRequest(fields);
  if (!task) throw new UnknownTask();
  return task;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function readObject({ source, 'detail-type': type, detail }: Fields): Task | undefined {
  if (source !== 'aws.s3' || type !== 'Object Created') return undefined;
  const { key } = fieldsOf(fieldsOf(detail).object);
  if (typeof key !== 'string' || !letterPrefixes.some((prefix) => key.startsWith(prefix))) return undefined;
  return { kind: 'object', name: key };
}

function readTick({ source, 'detail-type': type }: Fields): Task | undefined {
  return source === 'aws.events' && type === 'Scheduled Event' ? { kind: 'sweep' } : undefined;
}

const recordPattern = /^[A-Za-z0-9_-]{1,64}\.(0|[1-9]\d{0,4})$/;

function readRequest({ action, lane, record, receivedAtMs }: Fields): Task | undefined {
  const { tenant, slot, late } = fieldsOf(lane);
  const { account, environment, generation } = fieldsOf(tenant);
  if (action !== 'replay' && action !== 'discard') return undefined;
  if (typeof account !== 'string' || !isAccountId(account)) return undefined;
  if (typeof environment !== 'string' || !isEnvironment(environment)) return undefined;
  if (typeof generation !== 'number' || !isGeneration(generation)) return undefined;
  if (typeof slot !== 'number' || !isSlot(slot) || typeof late !== 'boolean') return undefined;
  if (typeof record !== 'string' || !recordPattern.test(record)) return undefined;
  if (typeof receivedAtMs !== 'number' || !Number.isSafeInteger(receivedAtMs)) return undefined;
  const laneOfRecord = { tenant: { account, environment, generation }, slot, late };
  const place = { lane: laneOfRecord, record: record as RecordId, receivedAtMs };
  return { kind: 'request', request: { action, ...place } };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
