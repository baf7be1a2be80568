// EventBridge's PutEvents, for functions and operators.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { isJsonRecord } from '../../core/json-record.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import { jsonBody } from '../../core/proxy/json-body.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import { busNameOf, defaultBus } from './buses.ts';
import type { BusEvent } from './event-rules.ts';

export type PutEventsOptions = {
  readonly clock: Pick<Clock, 'now'>;
  readonly hasBus: (name: string) => boolean;
  readonly put: (event: BusEvent, bus: string) => void;
};

const mostEntries = 10;
const mostEntryBytes = 256 * 1024;

type Refusal = { readonly ErrorCode: string; readonly ErrorMessage: string };

export function createPutEvents(options: PutEventsOptions) {
  return async ({ operation, body }: Pick<AwsCall, 'operation' | 'body'>): Promise<AwsAnswer> => {
    if (operation !== 'PutEvents')
      return errorAnswer(501, 'NotModelled', `The local twin has no ${operation} of EventBridge.`);
    const { Entries } = jsonBody(body) ?? {};
    if (!Array.isArray(Entries) || Entries.length === 0 || Entries.length > mostEntries)
      return errorAnswer(400, 'ValidationException', `Entries must have 1 to ${mostEntries} members.`);
    const results = Entries.map((entry: unknown) => putEntry(options, entry));
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return jsonAnswer(200, { FailedEntryCount, Entries: results });
  };
}

function putEntry(
  { clock, hasBus, put }: PutEventsOptions,
  entry: unknown,
): Refusal | { readonly EventId: string } {
  const { Source, DetailType, Detail, EventBusName = defaultBus, Resources = [], Time } = toRecord(entry);
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (typeof value !== 'string' || value === '')
      return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid.` };
  if (Buffer.byteLength(`${Source}${DetailType}${Detail}`) > mostEntryBytes)
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'The entry is larger than 256 KB.' };
  const detail = parse(String(Detail));
  if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const bus = busNameOf(String(EventBusName));
  // In the cloud such an event is lost.
  if (!hasBus(bus))
    return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `There is no event bus ${bus}.` };
  const id = randomUUID();
  // In epoch seconds, as the SDK sends it.
  const timeMs = typeof Time === 'number' ? Time * 1000 : clock.now();
  const event = {
    version: '0',
    id,
    'detail-type': DetailType,
    source: Source,
    account: twinAccount.accountId,
    time: `${new Date(timeMs).toISOString().slice(0, 19)}Z`,
    region: twinAccount.region,
    resources: Resources,
    detail,
  };
  put(event, bus);
  return { EventId: id };
}

const toRecord = (entry: unknown): Readonly<Record<string, unknown>> => (isJsonRecord(entry) ? entry : {});

/** Undefined for what is no JSON object. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
