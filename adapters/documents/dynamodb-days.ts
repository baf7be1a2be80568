// Stores and reads day documents, and reads their hours as of one instant. Day documents and marks of a tenant have a
// partition of their own.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  asStored,
  type DayDocument,
  type DayKey,
  type DayKind,
  hoursOfDay,
  type StoredDay,
} from '../../domain/documents/day.ts';
import type { DocumentFields } from '../../domain/documents/documents.ts';
import type { Days, MarkedHours } from '../../domain/documents/port.ts';
import { daySortKey, daysKey, markSortKey, type Position, type Tenant } from '../../domain/keys.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { dayMs, epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { transactGet } from '../aws/transact-get.ts';
import { dayItemKey, documentItemKey, fromDocumentItem } from './dynamodb-document-items.ts';

/** A call takes 100 items and 4 MB. An hour document is at most 64 KB. */
const hoursPerCall = 48;
const callsAtOnce = 1;

export class DynamoDays implements Days {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Days and marks can be read in any order: if the mark is that of the fold, nothing was counted into the day since
   * its hours were read.
   */
  async stored(
    kind: DayKind,
    tenant: Tenant,
    slots: number,
    fromMs: number,
    toMs: number,
    nowMs: number,
  ): Promise<StoredDay[]> {
    const range = (sortKey: (startMs: number) => string, consistent = false) =>
      queryRange(
        this.#table,
        { pk: daysKey(tenant), first: sortKey(fromMs), last: sortKey(toMs - dayMs) },
        consistent,
      );
    const [days, marks] = await Promise.all([
      range((startMs) => daySortKey(kind, startMs)),
      range(markSortKey, true),
    ]);
    const timesOf = new Map(marks.map((mark) => [String(mark.sk), timesIn(mark)]));
    return days
      .map((item) => fromDayItem(kind, tenant, item))
      .flatMap((day) => {
        const mark = timesOf.get(markSortKey(day.key.dayMs)) ?? 0;
        return asStored(day, { mark, slots }, nowMs) ?? [];
      });
  }

  /** Each call reads the mark too. Marks only rise: if all calls read the same one, nothing changed between them. */
  async hours(day: DayKey, slots: number): Promise<MarkedHours | undefined> {
    const markKey = dayItemKey(day.tenant, markSortKey(day.dayMs));
    const chunks = [...inChunks(hoursOfDay(day, slots), hoursPerCall)];
    const parts = await mapBounded(chunks, callsAtOnce, async (keys): Promise<MarkedHours | undefined> => {
      const found = await transactGet(this.#table, [markKey, ...keys.map(documentItemKey)]);
      if (!found) return undefined;
      const [mark, ...items] = found;
      const hours = keys.flatMap((key, index) => {
        const item = items[index];
        return item ? [fromDocumentItem(key, item)] : [];
      });
      return { mark: timesIn(mark), hours };
    });
    const [first] = parts;
    if (!first || parts.some((part) => part?.mark !== first.mark)) return undefined;
    return { mark: first.mark, hours: parts.flatMap((part) => part?.hours ?? []) };
  }

  async store(day: DayDocument): Promise<void> {
    const put = new PutCommand({
      TableName: this.#table.name,
      Item: toDayItem(day),
      ConditionExpression:
        'attribute_not_exists(pk) OR #mark < :mark OR (#mark = :mark AND #slots <= :slots)',
      ExpressionAttributeNames: { '#mark': 'mark', '#slots': 'slots' },
      ExpressionAttributeValues: { ':mark': day.state.mark, ':slots': day.state.slots },
    });
    try {
      await callTable(`PutItem on ${this.#table.name}`, () => this.#table.client.send(put));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

const timesIn = (mark: Item | undefined): number => Number(mark?.times ?? 0);

const toDayItem = ({
  kind,
  key,
  state,
  foldedTo,
  madeAtMs,
  hourBytes,
  expiresAtMs,
  fields,
}: DayDocument): Item => ({
  ...fields,
  ...dayItemKey(key.tenant, daySortKey(kind, key.dayMs)),
  ...state,
  foldedTo,
  made: madeAtMs,
  hourBytes,
  expires: expiresAtMs,
  ttl: epochSeconds(expiresAtMs),
});

function fromDayItem(kind: DayKind, tenant: Tenant, item: Item): DayDocument {
  const { pk, sk, mark, slots, foldedTo, made, hourBytes, expires, ttl, ...fields } = item;
  return {
    kind,
    key: { tenant, dayMs: Date.parse(String(sk).split('#')[1] ?? '') },
    state: { mark: Number(mark), slots: Number(slots) },
    foldedTo: foldedTo as Position[],
    madeAtMs: Number(made),
    hourBytes: Number(hourBytes),
    expiresAtMs: Number(expires),
    fields: fields as DocumentFields,
  };
}
