// Entries of the list of quarantine and chores as items of the ledger, and what of them a change of a receipt takes along.

import { choreSortKey, choresKey, quarantineKey, quarantineSortKey, tenantKey } from '../../domain/keys.ts';
import type { ReceiptChange } from '../../domain/ports.ts';
import type { Chore, QuarantineEntry, QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import type { RecordId } from '../../domain/storing/receipt.ts';
import { epochSeconds, hourMs } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import type { TransactAction } from '../aws/transact.ts';

type Place = Pick<QuarantineEntry, 'tenant' | 'record' | 'receivedAtMs'>;

export const entryItemKey = ({ tenant, record, receivedAtMs }: Place) => ({
  pk: quarantineKey(tenant),
  sk: quarantineSortKey(receivedAtMs, record),
});

export const choreItemKey = ({ dueAtMs, kind, tenant, record }: Chore) => ({
  pk: choresKey,
  sk: choreSortKey(dueAtMs, `${kind}#${tenantKey(tenant)}#${record}`),
});

/** A transaction takes one action an item: an entry that stays in the list is replaced. */
export function quarantineActions(ledger: string, { from, entry, chore }: ReceiptChange): TransactAction[] {
  return [
    ...(from?.state === 'quarantined' && !entry
      ? [{ Delete: { TableName: ledger, Key: entryItemKey(from) } }]
      : []),
    ...(entry ? [{ Put: { TableName: ledger, Item: toEntryItem(entry) } }] : []),
    ...(chore ? [{ Put: { TableName: ledger, Item: toChoreItem(chore) } }] : []),
  ];
}

function toEntryItem(entry: QuarantineEntry): Item {
  return {
    ...entryItemKey(entry),
    reason: entry.reason,
    ...(entry.cause !== undefined && { cause: entry.cause }),
    request: entry.requestId,
    events: entry.events,
    received: entry.receivedAtMs,
    aside: entry.setAsideAtMs,
    expires: entry.expiresAtMs,
    attempts: entry.attempts,
    lease: entry.leaseUntilMs,
    ttl: epochSeconds(entry.expiresAtMs),
  };
}

export function fromEntryItem(item: Item): QuarantineEntry {
  const [, account = '', environment = ''] = String(item.pk).split('#');
  return {
    tenant: { account, environment },
    record: String(item.sk).split('#')[1] as RecordId,
    reason: item.reason as QuarantineReason,
    ...(typeof item.cause === 'string' && { cause: item.cause }),
    requestId: String(item.request),
    events: Number(item.events),
    receivedAtMs: Number(item.received),
    setAsideAtMs: Number(item.aside),
    expiresAtMs: Number(item.expires),
    attempts: Number(item.attempts),
    leaseUntilMs: Number(item.lease),
  };
}

/** A chore that nobody does is forgotten with what it is about, and that lives for weeks. */
const choreLivesHours = 24 * 60;

export function toChoreItem(chore: Chore): Item {
  return {
    ...choreItemKey(chore),
    received: chore.receivedAtMs,
    ttl: epochSeconds(chore.dueAtMs + choreLivesHours * hourMs),
  };
}

export function fromChoreItem(item: Item): Chore {
  const [due, kind, account = '', environment = '', record] = String(item.sk).split('#');
  return {
    kind: kind as Chore['kind'],
    dueAtMs: Number(due),
    tenant: { account, environment },
    record: record as RecordId,
    receivedAtMs: Number(item.received),
  };
}
