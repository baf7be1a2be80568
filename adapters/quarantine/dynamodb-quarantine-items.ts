// Converts quarantine entries and jobs to and from items of the ledger, and makes the actions that belong to the
// change of a receipt.

import {
  jobSortKey,
  jobsKey,
  quarantineKey,
  quarantineKeyPrefix,
  quarantineSortKey,
  tenantKey,
  tenantOfKey,
} from '../../domain/keys.ts';
import type { Job, QuarantineEntry, QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import type { ReceiptChange } from '../../domain/storing/port.ts';
import { epochSeconds, hourMs } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import type { TransactAction } from '../aws/transact.ts';

type Place = Pick<QuarantineEntry, 'tenant' | 'record' | 'receivedAtMs'>;

export const entryItemKey = ({ tenant, record, receivedAtMs }: Place) => ({
  pk: quarantineKey(tenant),
  sk: quarantineSortKey(receivedAtMs, record),
});

export const jobItemKey = ({ dueAtMs, kind, tenant, record }: Job) => ({
  pk: jobsKey,
  sk: jobSortKey(dueAtMs, `${kind}#${tenantKey(tenant)}#${record}`),
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
  return {
    tenant: tenantOfKey(String(item.pk).slice(quarantineKeyPrefix.length)),
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
    ttl: epochSeconds(job.dueAtMs + jobLifeHours * hourMs),
  };
}

export function fromJobItem(item: Item): Job {
  const [due, kind, ...tenantAndRecord] = String(item.sk).split('#');
  return {
    kind: kind as Job['kind'],
    dueAtMs: Number(due),
    tenant: tenantOfKey(tenantAndRecord.join('#')),
    record: tenantAndRecord.at(-1) as RecordId,
    receivedAtMs: Number(item.received),
  };
}
