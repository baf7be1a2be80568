// Reads receipts. By itself, because ingest reads nothing else of lanes.

import type { CountedRecords } from '../../domain/counting/port.ts';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { countKey } from '../../domain/keys.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { batchGet, batchGetStale, type Item } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { fromReceiptItem, receiptItemKey } from './dynamodb-lane-items.ts';

/** Consistent. */
export async function readReceipts(aggregates: Table, places: readonly RecordPlace[]): Promise<Receipt[]> {
  const lanes = new Map(places.map(({ lane }) => [countKey(lane), lane]));
  const items = await batchGet(aggregates, places.map(receiptItemKey));
  return items.flatMap((item) => {
    const lane = lanes.get(String(item.pk));
    return lane ? [fromReceiptItem(lane, item)] : [];
  });
}

export async function readCounted(
  aggregates: Table,
  places: readonly RecordPlace[],
): Promise<CountedRecords> {
  const recordOf = new Map(places.map((place) => [nameOf(receiptItemKey(place)), place.record]));
  const { items, units } = await batchGetStale(aggregates, places.map(receiptItemKey));
  const counted = items
    .filter(({ state }) => state === 'counted')
    .flatMap((item) => recordOf.get(nameOf(item)) ?? []);
  return { counted: new Set(counted), units };
}

const nameOf = ({ pk, sk }: Item): string => `${pk} ${sk}`;
