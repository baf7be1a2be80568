// Converts documents to and from DynamoDB items.

import {
  type DocumentFields,
  type DocumentKey,
  documentPartition,
  documentSort,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import { slotKey, type Tenant } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

export const documentItemKey = (key: DocumentKey) => ({ pk: documentPartition(key), sk: documentSort(key) });

/** A day document and a mark cover all slots. They are stored in the partition of the first slot. */
export const dayItemKey = (tenant: Tenant, sortKey: string) => ({ pk: slotKey(tenant, 0), sk: sortKey });

export function toDocumentItem(document: VersionedDocument): Item {
  return {
    ...document.fields,
    ...documentItemKey(document.key),
    version: document.version + 1,
    expires: document.expiresAtMs,
    ttl: epochSeconds(document.expiresAtMs),
  };
}

export function fromDocumentItem(key: DocumentKey, item: Item): VersionedDocument {
  const { pk, sk, version, expires, ttl, ...fields } = item;
  return { key, version: Number(version), expiresAtMs: Number(expires), fields: fields as DocumentFields };
}
