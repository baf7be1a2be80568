// Notices in DynamoDB: an item for each subject. The stream of the table tells `announce`.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { keptUntilMs, type Notice, onceFromMs, subjectOf } from '../../domain/accounts/notices.ts';
import type { Notices } from '../../domain/accounts/port.ts';
import { noticeKey, noticeSortKey } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

/** A request waits for it, and for two of them at most. */
export const noticeTimeMs = 90;

export class DynamoNotices implements Notices {
  readonly #table: Pick<Table, 'client' | 'name'>;

  constructor(table: Pick<Table, 'client' | 'name'>) {
    this.#table = table;
  }

  async write(notice: Notice): Promise<boolean> {
    const { client, name } = this.#table;
    try {
      await callTable(`PutItem on ${name}`, () =>
        client.send(
          new PutCommand({
            TableName: name,
            Item: toNoticeItem(notice),
            // By the first instance, once a minute or period. The stream has a record of each write.
            ConditionExpression: 'attribute_not_exists(pk) OR once_from < :once_from',
            ExpressionAttributeValues: { ':once_from': onceFromMs(notice) },
          }),
          { abortSignal: AbortSignal.timeout(noticeTimeMs) },
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

export const toNoticeItem = (notice: Notice): Item => ({
  pk: noticeKey(subjectOf(notice)),
  sk: noticeSortKey,
  once_from: onceFromMs(notice),
  ...notice,
  ttl: epochSeconds(keptUntilMs(notice)),
});

export function fromNoticeItem(item: Item): Notice {
  const { pk, sk, once_from, ttl, ...notice } = item;
  return notice as Notice;
}
