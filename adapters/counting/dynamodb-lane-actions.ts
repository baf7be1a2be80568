// The conditions under which receipts and documents are written, and the actions of the transactions that write them.

import type { Receipt, ReceiptChange } from '../../domain/counting/receipt.ts';
import type { DayMark, VersionedDocument } from '../../domain/documents/documents.ts';
import { markSortKey } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { TransactAction } from '../aws/transact.ts';
import { dayItemKey, toDocumentItem } from '../documents/dynamodb-document-items.ts';
import { toReceiptItem } from './dynamodb-lane-items.ts';

export type Condition = {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
};

export const isAbsent: Condition = { ConditionExpression: 'attribute_not_exists(pk)' };

export const isAsRead = ({ version }: VersionedDocument): Condition =>
  version === 0
    ? isAbsent
    : {
        ConditionExpression: '#version = :read',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':read': version },
      };

/** Of a discarded record only the first try may say when its ids are free. */
const isStill = ({ state, mode, freedAtMs }: Receipt): Condition => ({
  ConditionExpression: `#state = :state AND #mode = :mode${freedAtMs === undefined ? ' AND attribute_not_exists(freed)' : ''}`,
  ExpressionAttributeNames: { '#state': 'state', '#mode': 'mode' },
  ExpressionAttributeValues: { ':state': state, ':mode': mode },
});

export const receiptAction = (TableName: string, { from, to }: ReceiptChange): TransactAction => ({
  Put: { TableName, Item: toReceiptItem(to), ...(from ? isStill(from) : isAbsent) },
});

export const documentAction = (TableName: string, document: VersionedDocument): TransactAction => ({
  Put: { TableName, Item: toDocumentItem(document), ...isAsRead(document) },
});

export const markAction = (TableName: string, { tenant, dayMs, expiresAtMs }: DayMark): TransactAction => ({
  Update: {
    TableName,
    Key: dayItemKey(tenant, markSortKey(dayMs)),
    UpdateExpression: 'ADD #times :one SET #ttl = :ttl',
    ExpressionAttributeNames: { '#times': 'times', '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':one': 1, ':ttl': epochSeconds(expiresAtMs) },
  },
});
