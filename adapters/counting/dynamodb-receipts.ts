// Reads receipts, consistently. By itself, because ingest reads nothing else of lanes.

import type { Receipt } from '../../domain/counting/receipt.ts';
import { countKey } from '../../domain/keys.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { batchGet } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { fromReceiptItem, receiptItemKey } from './dynamodb-lane-items.ts';

export async function readReceipts(aggregates: Table, places: readonly RecordPlace[]): Promise<Receipt[]> {
  const lanes = new Map(places.map(({ lane }) => [countKey(lane), lane]));
  const items = await batchGet(aggregates, places.map(receiptItemKey));
  return items.flatMap((item) => {
    const lane = lanes.get(String(item.pk));
    return lane ? [fromReceiptItem(lane, item)] : [];
  });
}
