// Converts quarantine entries and jobs to and from items of the ledger, and makes the actions that belong to the
// change of a receipt.

import type { ReceiptChange } from '../../domain/counting/receipt.ts';
import {
  jobSortKey,
  jobsKey,
  type Lane,
  laneKey,
  laneOfStreamKey,
  quarantineKey,
  quarantineKeyPrefix,
  quarantineSortKey,
  type Tenant,
  tenantOfKey,
} from '../../domain/keys.ts';
import type { Job, QuarantineEntry, QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import type { RecordId, RecordPlace } from '../../domain/record/record-id.ts';
import { epochSeconds, hourMs } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import type { TransactAction } from '../aws/transact.ts';

export const entryItemKey = ({ lane, record, receivedAtMs }: RecordPlace) => ({
  pk: quarantineKey(lane.tenant),
  sk: quarantineSortKey(receivedAtMs, record),
});

export const jobItemKey = ({ dueAtMs, kind, lane, record }: Job) => ({
  pk: jobsKey,
  sk: jobSortKey(dueAtMs, `${kind}#${record}#${laneKey(lane)}`),
});

/** A transaction allows only one action for an item, so an entry that stays in the list is replaced. */
export function quarantineActions(ledger: string, { from, entry, job }: ReceiptChange): TransactAction[] {
  return [
    ...(from?.state === 'quarantined' && !entry
      ? [{ Delete: { TableName: ledger, Key: entryItemKey(from) } }]
      : []),
    ...(entry ? [{ Put: { TableName: ledger, Item: toEntryItem(entry) } }] : []),
    ...(job ? [{ Put: { TableName: ledger, Item: toJobItem(job) } }] : []),
  ];
}

function toEntryItem(entry: QuarantineEntry): Item {
  return {
    ...entryItemKey(entry),
    slot: entry.lane.slot,
    late: entry.lane.late,
    batch: entry.batchId,
    reason: entry.reason,
    ...(entry.cause !== undefined && { cause: entry.cause }),
    request: entry.requestId,
    events: entry.events,
    received: entry.receivedAtMs,
    quarantined: entry.quarantinedAtMs,
    expires: entry.expiresAtMs,
    attempts: entry.attempts,
    lease: entry.leaseUntilMs,
    ttl: epochSeconds(entry.expiresAtMs),
  };
}

export function fromEntryItem(item: Item): QuarantineEntry {
  const tenant: Tenant = tenantOfKey(String(item.pk).slice(quarantineKeyPrefix.length));
  return {
    lane: { tenant, slot: Number(item.slot), late: item.late === true },
    record: String(item.sk).split('#')[1] as RecordId,
    batchId: String(item.batch),
    reason: item.reason as QuarantineReason,
    ...(typeof item.cause === 'string' && { cause: item.cause }),
    requestId: String(item.request),
    events: Number(item.events),
    receivedAtMs: Number(item.received),
    quarantinedAtMs: Number(item.quarantined),
    expiresAtMs: Number(item.expires),
    attempts: Number(item.attempts),
    leaseUntilMs: Number(item.lease),
  };
}

/** A job that is never done expires. Its record has expired by then too. */
const jobLifeHours = 24 * 60;

export function toJobItem(job: Job): Item {
  return {
    ...jobItemKey(job),
    received: job.receivedAtMs,
    tries: job.tries,
    unfinished: job.isUnfinished,
    ttl: epochSeconds(job.dueAtMs + jobLifeHours * hourMs),
  };
}

export function fromJobItem(item: Item): Job {
  const [due, kind, record, ...ofLane] = String(item.sk).split('#');
  return {
    kind: kind as Job['kind'],
    dueAtMs: Number(due),
    lane: laneOfStreamKey(ofLane.join('#')) as Lane,
    record: record as RecordId,
    receivedAtMs: Number(item.received),
    // Jobs of the first format have none.
    tries: Number(item.tries ?? 0),
    isUnfinished: item.unfinished === true,
  };
}
