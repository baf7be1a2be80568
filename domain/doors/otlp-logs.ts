// Log records of OpenTelemetry (OTLP, as JSON) as events of Weir. Attributes keep their names, and what is measured in
// nanoseconds its digits.

import { faultOfMetadata } from '../event/metadata.ts';
import { Unusable } from '../event/unusable.ts';
import { toEventId } from './event-id.ts';

type Json = Readonly<Record<string, unknown>>;

export type Logs = { readonly events: readonly unknown[] } | { readonly fault: 'no logs' | 'too large' };

/** Each event keeps the attributes of its resource and scope, which the request says once. */
const mostRepeatedBytes = 2 * 1024 * 1024;

/** Stops at the first record too many. */
export function eventsOfLogs(document: unknown, mostEvents: number): Logs {
  const resources = listOf(document, 'resourceLogs');
  if (!resources) return { fault: 'no logs' };
  const events: unknown[] = [];
  let repeatedBytes = 0;
  for (const ofResource of resources) {
    const scopes = (listOf(ofResource, 'scopeLogs') ?? []).filter(hasRecords);
    if (scopes.length === 0) continue;
    const resource = attributesOf(objectOf(objectOf(ofResource).resource));
    const ofEach = sizeOf({ resource });
    for (const ofScope of scopes) {
      const scope = objectOf(objectOf(ofScope).scope);
      const records = listOf(ofScope, 'logRecords') ?? [];
      if (events.length + records.length > mostEvents) return { fault: 'too large' };
      const ofScopes = sizeOf({ scope });
      repeatedBytes += records.length * (ofEach.bytes + ofScopes.bytes);
      if (repeatedBytes > mostRepeatedBytes) return { fault: 'too large' };
      const fault = ofEach.fault ?? ofScopes.fault;
      for (const record of records)
        events.push(fault ? refused(record, fault) : eventOfRecord(record, resource, scope));
    }
  }
  return { events };
}

const hasRecords = (ofScope: unknown): boolean => (listOf(ofScope, 'logRecords') ?? []).length > 0;

type Size = { readonly bytes: number; readonly fault?: Pick<Unusable, 'code' | 'field' | 'message'> };

/**
 * Of a resource or a scope, measured once and not for each of its records: of a request, all that is said is looked at once.
 * One that no event can keep refuses its records.
 */
function sizeOf(group: { readonly resource: Json } | { readonly scope: Json }): Size {
  const fault = faultOfMetadata(group);
  if (!fault) return { bytes: JSON.stringify(group).length };
  const [field = ''] = Object.keys(group);
  return { bytes: 0, fault: { code: fault.code, field, message: `${field}: ${fault.message}` } };
}

/** Without the record: its resource or scope is at fault, and as large as the request may be. */
const refused = (record: unknown, fault: NonNullable<Size['fault']>): Unusable =>
  new Unusable({ ...fault, sent: record });

const usualType = 'log';

function eventOfRecord(sent: unknown, resource: Json, scope: Json): unknown {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent;
  const { timeUnixNano, observedTimeUnixNano, attributes: _, body, eventName, ...others } = sent as Json;
  const attributes = attributesOf(sent as Json);
  const nanoseconds = [timeUnixNano, observedTimeUnixNano].find((time) => !isUnknownTime(time));
  const timestamp = nanoseconds === undefined ? undefined : millisecondsOf(nanoseconds);
  if (Number.isNaN(timestamp))
    return new Unusable({
      code: 'invalid_field',
      field: 'timeUnixNano',
      message: 'timeUnixNano must be an integer of nanoseconds since 1970, as a text.',
      sent,
    });
  const uid = attributes['log.record.uid'];
  const user = attributes['user.id'] ?? attributes['enduser.id'];
  const service = resource['service.name'];
  return {
    ...(isText(uid) && { event_id: toEventId(uid) }),
    type: [eventName, attributes['event.name']].find(isText) ?? usualType,
    ...(timestamp !== undefined && { timestamp }),
    ...(isText(user) && [...user].length <= 255 && { user_id: user }),
    ...(isText(service) && [...service].length <= 128 && { service }),
    metadata: {
      ...withoutEmpty({ attributes, resource, scope }),
      ...(nanoseconds !== undefined && { timeUnixNano: String(nanoseconds) }),
      ...(!isUnknownTime(observedTimeUnixNano) && { observedTimeUnixNano }),
      ...withoutZeros(others),
      ...(body !== undefined && { body: plainOf(body, 2) }),
    },
  };
}

/** OTLP writes 0 for a time that is not known, and JSON of protobuf may write null. */
const isUnknownTime = (time: unknown): boolean =>
  time === undefined || time === null || time === 0 || time === '0' || time === '';

const millisecondsOf = (nanoseconds: unknown): number =>
  /^\d{1,20}$/.test(String(nanoseconds)) ? Number(BigInt(String(nanoseconds)) / 1_000_000n) : Number.NaN;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const withoutEmpty = (groups: Readonly<Record<string, Json>>): Json =>
  Object.fromEntries(Object.entries(groups).filter(([, group]) => Object.keys(group).length > 0));

/** Protobuf's defaults, such as no dropped attributes, say nothing. */
const withoutZeros = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== ''));

const attributesOf = (of: Json): Json => fromPairs(of.attributes, 2);

const fromPairs = (pairs: unknown, level: number): Json =>
  Object.fromEntries(
    (Array.isArray(pairs) ? pairs : []).map((pair) => {
      const { key, value } = objectOf(pair);
      return [typeof key === 'string' ? key : '', plainOf(value, level + 1)];
    }),
  );

/** Deeper than metadata may be. What is deeper stays as it is, and is refused. */
const mostLevels = 10;

/** An AnyValue as plain JSON. Integers that a double does not hold are texts. */
function plainOf(value: unknown, level: number): unknown {
  if (level > mostLevels) return value;
  const [[kind, inner] = []] = Object.entries(objectOf(value));
  switch (kind) {
    case 'intValue':
      // What is no integer stays as it was sent.
      if (typeof inner !== 'string' || !/^-?\d{1,20}$/.test(inner)) return inner;
      return Number.isSafeInteger(Number(inner)) ? Number(inner) : inner;
    case 'doubleValue':
      // JSON has no infinities: OTLP writes them as texts.
      return inner;
    case 'arrayValue':
      return (listOf(inner, 'values') ?? []).map((each) => plainOf(each, level + 1));
    case 'kvlistValue':
      return fromPairs(objectOf(inner).values, level);
    default:
      return inner ?? null;
  }
}

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};

function listOf(of: unknown, name: string): readonly unknown[] | undefined {
  const list = objectOf(of)[name];
  return Array.isArray(list) ? list : undefined;
}
