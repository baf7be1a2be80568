// The rejected events of a request, as one item that ends with their time.

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { keptRejectionSortKey, rejectionsKey, type Tenant } from '../../domain/keys.ts';
import { lastInstantMs } from '../../domain/record/envelope.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import { type KeptEvents, keptExpireAtMs } from '../../domain/rejections/kept-events.ts';
import type { KeptPage, KeptRequest, ReadKept } from '../../domain/rejections/port.ts';
import type { RejectionRecord } from '../../domain/rejections/rejection-hour.ts';
import { maxRejectionsBytes } from '../../domain/rejections/request-rejections.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { packText, unpackText } from '../../domain/system/packed-text.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { queryPage } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';

const putsAtOnce = 4;
/** Of an answer, before it is packed: a function answers with 6 MB at most. */
const mostReadBytes = 2 * 1024 * 1024;

/** Put again, an item is the same. So it is put before its record is counted, and needs no guard. */
export async function putKept(
  { client, name }: Table,
  tenant: Tenant,
  records: readonly RejectionRecord[],
  nowMs: number,
): Promise<void> {
  const items = records.flatMap((record) => toItem(tenant, record, nowMs));
  await mapBounded(items, putsAtOnce, async (Item) => {
    await callTable(`PutItem on ${name}`, () => client.send(new PutCommand({ TableName: name, Item })));
  });
}

function toItem(
  tenant: Tenant,
  { record, receivedAtMs, requestId, rejections }: RejectionRecord,
  nowMs: number,
): Item[] {
  const { kept, keyId, client } = rejections;
  const expires = kept ? keptExpireAtMs(receivedAtMs, kept) : 0;
  if (!kept || expires <= nowMs) return [];
  const { events, leftOut } = kept;
  return [
    {
      pk: rejectionsKey(tenant),
      sk: keptRejectionSortKey(receivedAtMs, record),
      ...{ record, received: receivedAtMs, request: requestId, key: keyId, client, leftOut, expires },
      events: packText(JSON.stringify(events), 3),
      ttl: epochSeconds(expires),
    },
  ];
}

export async function readKept(
  table: Table,
  tenant: Tenant,
  { before, most }: KeptPage,
  nowMs: number,
): Promise<ReadKept> {
  const range = {
    pk: rejectionsKey(tenant),
    first: keptRejectionSortKey(0),
    last: before
      ? keptRejectionSortKey(before.receivedAtMs, before.record)
      : keptRejectionSortKey(lastInstantMs),
  };
  // The one that is given is in the range, and left out. Its time may have ended: then there is one too many.
  const Limit = before ? most + 1 : most;
  const page = await queryPage(table, range, { ScanIndexForward: false, Limit });
  const found = page.items.filter(({ record }) => record !== before?.record);
  const items = found.slice(0, most);
  const isLast = !page.lastKey && items.length === found.length;
  const requests: KeptRequest[] = [];
  let bytes = 0;
  for (const item of items) {
    if (bytes >= mostReadBytes) return { requests, next: placeOf(requests.at(-1)) };
    if (Number(item.expires) <= nowMs) continue;
    const json = unpackText(item.events as Uint8Array, maxRejectionsBytes);
    bytes += json.length;
    requests.push(fromItem(item, JSON.parse(json.toString())));
  }
  return { requests, ...(!isLast && { next: placeOf(items.at(-1)) }) };
}

const placeOf = (of: Item | KeptRequest | undefined): ReadKept['next'] =>
  of && {
    record: of.record as RecordId,
    receivedAtMs: Number('received' in of ? of.received : of.receivedAtMs),
  };

const fromItem = (item: Item, events: KeptEvents['events']): KeptRequest => ({
  record: item.record as RecordId,
  receivedAtMs: Number(item.received),
  requestId: String(item.request),
  keyId: String(item.key),
  client: String(item.client),
  leftOut: Number(item.leftOut),
  expiresAtMs: Number(item.expires),
  events,
});
