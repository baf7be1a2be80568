// A table of aggregates whose hour documents are all full, in every lane and hour, made up as they are asked for: half a
// gigabyte of them would take an engine minutes. It keeps what readers store of days.

import { createServer } from 'node:http';
import { close, listen } from '@weir/twin/parts';
import { deltasOf, insertDeltas } from '../../domain/documents/delta.ts';
import { type DocumentFields, fieldBytes } from '../../domain/documents/documents.ts';
import { emptyHour } from '../../domain/documents/hour.ts';
import { hourToFields } from '../../domain/documents/hour-wire.ts';
import { documentSortKey, hourOfDocumentSortKey, lanesOf, markSortKey } from '../../domain/keys.ts';
import { boundsOf } from '../../domain/reading/summary.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { seededRandom } from '../../test/support/clock.ts';
import { tenant } from '../consume-bench/load.ts';

/** Before yesterday can be folded: then a window has the most hours that are read one by one. */
export const nowMs = Date.parse('2026-11-21T00:30:00.000Z');

/** Of so many different documents: more names and users than a merge holds. */
const variants = 256;
const pageBytes = 1024 * 1024;
const firstMs = Date.parse('2026-11-20T10:00:00.000Z');

type Wire = Record<string, unknown>;
/** `units`: read units of DynamoDB. */
export type Reads = { items: number; units: number };
type Range = {
  readonly ':pk': { S: string };
  readonly ':first': { S: string };
  readonly ':last': { S: string };
};
type Key = { readonly pk: { S: string }; readonly sk: { S: string } };

export type FullTable = Awaited<ReturnType<typeof startFullTable>>;

export async function startFullTable(slots: number) {
  const documents = fullDocuments();
  const stored = new Map<string, Wire>();
  let mark = 0;
  let reads: Reads = { items: 0, units: 0 };
  const indexOf = (pk: string, hour: number) => {
    const [, , , slot, late] = pk.split('#');
    return (hour / hourMs + 7 * Number(slot) + (late ? 3 : 0)) % variants;
  };
  const itemOf = ({ pk, sk }: { pk: string; sk: string }) =>
    `{"pk":{"S":"${pk}"},"sk":{"S":"${sk}"},${documents[indexOf(pk, hourOfDocumentSortKey(sk))]?.json}}`;
  const markOf = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk }, times: { N: String(mark) } });

  function query({ ':pk': { S: pk }, ':first': { S: first }, ':last': { S: last } }: Range): string {
    if (first.startsWith('day#') || first.startsWith('hours#'))
      return answer(
        [...stored].filter(([sk]) => sk >= first && sk <= last).map(([, item]) => JSON.stringify(item)),
      );
    if (first.startsWith('mark#'))
      return answer(daysWithin(first, last).map((sk) => JSON.stringify(markOf(pk, sk))));
    if (!first.startsWith('hour#')) return answer([]);
    const items: string[] = [];
    let bytes = 0;
    for (let hour = hourOfDocumentSortKey(first); hour <= hourOfDocumentSortKey(last); hour += hourMs) {
      const sk = documentSortKey('hour', hour);
      items.push(itemOf({ pk, sk }));
      bytes += documents[indexOf(pk, hour)]?.bytes ?? 0;
      if (bytes >= pageBytes) return answer(items, { pk: { S: pk }, sk: { S: sk } });
    }
    return answer(items);
  }

  const handlers: Readonly<Record<string, (body: Wire) => string>> = {
    Query: (body) => query(body.ExpressionAttributeValues as Range),
    TransactGetItems: (body) => {
      const keys = (body.TransactItems as { Get: { Key: Key } }[]).map(({ Get: { Key } }) => Key);
      const items = keys.map(({ pk, sk }) =>
        sk.S.startsWith('mark#') ? JSON.stringify(markOf(pk.S, sk.S)) : itemOf({ pk: pk.S, sk: sk.S }),
      );
      return `{"Responses":[${items.map((item) => `{"Item":${item}}`).join(',')}]}`;
    },
    PutItem: (body) => {
      const item = body.Item as Wire & Key;
      stored.set(item.sk.S, item);
      return '{}';
    },
  };
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Wire;
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const answered = handlers[operation]?.(body) ?? '';
    if (operation === 'Query') {
      const { Items } = JSON.parse(answered) as { Items: readonly Wire[] };
      const bytes = Items.reduce((sum, item) => sum + itemBytes(item), 0);
      reads.items += Items.length;
      reads.units += (body.ConsistentRead ? 1 : 0.5) * Math.ceil(bytes / 4096);
    }
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(answered);
  });
  const url = await listen(server, 0);
  const { fromMs, toMs } = boundsOf('30d', nowMs);
  let total = 0;
  for (const { tenant: _, ...lane } of lanesOf(tenant, slots))
    for (let hour = fromMs; hour < toMs; hour += hourMs)
      total +=
        documents[indexOf(`acme#production#0#${lane.slot}${lane.late ? '#late' : ''}`, hour)]?.events ?? 0;
  return {
    url,
    slots,
    total,
    documentKilobytes: documents.reduce((sum, { bytes }) => sum + bytes, 0) / variants / 1024,
    /** Something was counted into every day. */
    makeStale: () => {
      mark += 1;
    },
    /** By queries, since the last call. */
    takeReads: (): Reads => {
      const taken = reads;
      reads = { items: 0, units: 0 };
      return taken;
    },
    end: () => close(server),
  };
}

/** As DynamoDB measures it. */
const itemBytes = (item: Wire): number =>
  Object.entries(item).reduce((sum, [name, value]) => {
    const { B, S } = value as { B?: string; S?: string };
    return sum + name.length + (B === undefined ? (S?.length ?? 21) : (3 * B.length) / 4);
  }, 0);

const answer = (items: readonly string[], lastKey?: Key) =>
  `{"Items":[${items.join(',')}]${lastKey ? `,"LastEvaluatedKey":${JSON.stringify(lastKey)}` : ''}}`;

function daysWithin(first: string, last: string): string[] {
  const dayOf = (sk: string) => Date.parse(sk.slice('mark#'.length));
  const days: string[] = [];
  for (let day = dayOf(first); day <= dayOf(last); day += dayMs) days.push(markSortKey(day));
  return days;
}

/** Names and users fill their lists, all names have values, and the sketch has every register. */
function fullDocuments() {
  const { bytes: randomBytes } = seededRandom(1);
  const text = (bytes: number) => Buffer.from(randomBytes(bytes)).toString('base64url');
  const uuid = () =>
    Buffer.from(randomBytes(16))
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return Array.from({ length: variants }, () => {
    const counted = Array.from({ length: 400 }, (_, index) => ({
      ...{ timestamp: firstMs + index * 9000, type: text(15), service: text(15) },
      value: Buffer.from(randomBytes(5)).readUIntBE(0, 5) / 1e6,
      ...(index < 329 && { user_id: uuid() }),
    }));
    const hour = emptyHour();
    insertDeltas(hour, deltasOf(counted).values());
    hour.distinctUsers.set(randomBytes(4096).map((byte) => 1 + (byte % 12)));
    return wireOf(hourToFields(hour), hour.total.count);
  });
}

function wireOf(fields: DocumentFields, events: number) {
  const parts = Object.entries(fields).map(([name, field]) =>
    typeof field === 'number'
      ? `"${name}":{"N":"${field}"}`
      : `"${name}":{"B":"${Buffer.from(field).toString('base64')}"}`,
  );
  const json =
    `"version":{"N":"1"},"foldedTo":{"S":""},"expires":{"N":"${nowMs + 30 * dayMs}"},` +
    `"ttl":{"N":"0"},${parts.join(',')}`;
  return { json, events, bytes: fieldBytes(fields) };
}
