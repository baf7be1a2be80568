// Converts documents to and from DynamoDB items.

import {
  type DocumentFields,
  type DocumentKey,
  documentPartition,
  documentSort,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import { daysKey, type Tenant } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';

export const documentItemKey = (key: DocumentKey) => ({ pk: documentPartition(key), sk: documentSort(key) });

export const dayItemKey = (tenant: Tenant, sortKey: string) => ({ pk: daysKey(tenant), sk: sortKey });

export const toDocumentItem = (document: VersionedDocument): Item => ({
  ...document.fields,
  ...documentItemKey(document.key),
  version: document.version + 1,
  foldedTo: document.foldedTo,
  expires: document.expiresAtMs,
  ttl: epochSeconds(document.expiresAtMs),
});

export function fromDocumentItem(key: DocumentKey, item: Item): VersionedDocument {
  const { pk, sk, version, foldedTo, expires, ttl, ...fields } = item;
  return {
    key,
    version: Number(version),
    foldedTo: String(foldedTo),
    expiresAtMs: Number(expires),
    fields: fields as DocumentFields,
  };
}
