// Converts receipts to and from items of the ledger.

import { receiptKey, receiptKeyPrefix, receiptSortKey, type Tenant, tenantOfKey } from '../../domain/keys.ts';
import type { QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import { type RecordId, recordId, splitRecordId } from '../../domain/record/record-id.ts';
import type { Receipt, ReceiptState } from '../../domain/storing/receipt.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

export function receiptItemKey(tenant: Tenant, record: RecordId) {
  const { seed, part } = splitRecordId(record);
  return { pk: receiptKey(tenant, seed), sk: receiptSortKey(part) };
}

export function toReceiptItem(receipt: Receipt): Item {
  return {
    ...receiptItemKey(receipt.tenant, receipt.record),
    state: receipt.state,
    ...(receipt.reason && { reason: receipt.reason }),
    accepted: receipt.accepted,
    stored: receipt.stored,
    duplicates: receipt.duplicates,
    conflicts: receipt.conflicts,
    received: receipt.receivedAtMs,
    counted: receipt.storedAtMs,
    ...(receipt.wasVoid && { void: true }),
    ...(receipt.freedAtMs !== undefined && { freed: receipt.freedAtMs }),
    ...(receipt.pageWidth !== undefined && { width: receipt.pageWidth }),
    ...(receipt.verdicts && { verdicts: receipt.verdicts }),
    expires: receipt.expiresAtMs,
    ttl: epochSeconds(receipt.expiresAtMs),
  };
}

export function fromReceiptItem(item: Item): Receipt {
  const pk = String(item.pk);
  const seed = pk.split('#').at(-1) ?? '';
  const part = Number(String(item.sk).split('#')[1]);
  return {
    tenant: tenantOfKey(pk.slice(receiptKeyPrefix.length)),
    record: recordId(seed, part),
    state: item.state as ReceiptState,
    ...(typeof item.reason === 'string' && { reason: item.reason as QuarantineReason }),
    accepted: Number(item.accepted),
    stored: Number(item.stored),
    duplicates: Number(item.duplicates),
    conflicts: Number(item.conflicts),
    receivedAtMs: Number(item.received),
    storedAtMs: Number(item.counted),
    expiresAtMs: Number(item.expires),
    ...(item.void === true && { wasVoid: true }),
    ...(item.freed !== undefined && { freedAtMs: Number(item.freed) }),
    ...(item.width !== undefined && { pageWidth: Number(item.width) }),
    ...(item.verdicts instanceof Uint8Array && { verdicts: item.verdicts }),
  };
}
