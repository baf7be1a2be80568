// Converts receipts, runs and their lists to and from DynamoDB items.

import { placeOf, type Receipt, type ReceiptState } from '../../domain/counting/receipt.ts';
import type { Run, RunList } from '../../domain/counting/runs.ts';
import {
  countKey,
  type Lane,
  type Position,
  positionOfSortKey,
  positionSortKey,
  receivedAtOfPosition,
  recordOfPosition,
  runListSortKey,
  runSortKey,
  runSortKeyPrefix,
} from '../../domain/keys.ts';
import type { QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import type { RecordId, RecordPlace } from '../../domain/record/record-id.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

export const receiptItemKey = (place: RecordPlace) => ({
  pk: countKey(place.lane),
  sk: positionSortKey(placeOf(place)),
});

export const toReceiptItem = (receipt: Receipt): Item => ({
  ...receiptItemKey(receipt),
  state: receipt.state,
  mode: receipt.mode,
  ...(receipt.reason && { reason: receipt.reason }),
  ...(receipt.delta && { delta: receipt.delta }),
  accepted: receipt.accepted,
  stored: receipt.stored,
  duplicates: receipt.duplicates,
  conflicts: receipt.conflicts,
  bytes: receipt.bytes,
  ...(receipt.wasVoid && { void: true }),
  ...(receipt.freedAtMs !== undefined && { freed: receipt.freedAtMs }),
  ...(receipt.pageWidth !== undefined && { width: receipt.pageWidth }),
  ...(receipt.verdicts && { verdicts: receipt.verdicts }),
  counted: receipt.storedAtMs,
  expires: receipt.expiresAtMs,
  ttl: epochSeconds(receipt.expiresAtMs),
});

export function fromReceiptItem(lane: Lane, item: Item): Receipt {
  const position = positionOfSortKey(String(item.sk));
  return {
    lane,
    record: recordOfPosition(position) as RecordId,
    state: item.state as ReceiptState,
    mode: item.mode as Receipt['mode'],
    ...(typeof item.reason === 'string' && { reason: item.reason as QuarantineReason }),
    ...(item.delta instanceof Uint8Array && { delta: item.delta }),
    accepted: Number(item.accepted),
    stored: Number(item.stored),
    duplicates: Number(item.duplicates),
    conflicts: Number(item.conflicts),
    bytes: Number(item.bytes),
    ...(item.void === true && { wasVoid: true }),
    ...(item.freed !== undefined && { freedAtMs: Number(item.freed) }),
    ...(item.width !== undefined && { pageWidth: Number(item.width) }),
    ...(item.verdicts instanceof Uint8Array && { verdicts: item.verdicts }),
    receivedAtMs: receivedAtOfPosition(position),
    storedAtMs: Number(item.counted),
    expiresAtMs: Number(item.expires),
  };
}

export const runItemKey = (lane: Lane, start: Position) => ({ pk: countKey(lane), sk: runSortKey(start) });

export const toRunItem = ({ lane, start, to, state, previous }: Run): Item => ({
  ...runItemKey(lane, start),
  to,
  state,
  ...(previous && { previous: previous.start, previousExpires: previous.expiresAtMs }),
});

export function fromRunItem(lane: Lane, item: Item): Run {
  const leftOut = item.leftOut instanceof Set ? ([...item.leftOut] as Position[]) : [];
  return {
    lane,
    start: String(item.sk).slice(runSortKeyPrefix.length),
    to: String(item.to),
    state: item.state as Run['state'],
    ...(item.previous !== undefined && {
      previous: { start: String(item.previous), expiresAtMs: Number(item.previousExpires) },
    }),
    ...(item.expires !== undefined && { expiresAtMs: Number(item.expires) }),
    ...(item.failing !== undefined && { failingSinceMs: Number(item.failing) }),
    leftOut: leftOut.toSorted(),
  };
}

export const listItemKey = ({ lane, start }: Run) => ({ pk: countKey(lane), sk: runListSortKey(start) });

export const toListItem = (run: Run, { positions, expiresAtMs }: RunList): Item => ({
  ...listItemKey(run),
  positions,
  expires: expiresAtMs,
  ttl: epochSeconds(expiresAtMs),
});

export const fromListItem = (item: Item): RunList => ({
  positions: item.positions as Position[],
  expiresAtMs: Number(item.expires),
});
