// Notices in DynamoDB: an item for each key, and one for refused requests. The stream of the table tells `announce`.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Notice } from '../../domain/accounts/notices.ts';
import type { Notices } from '../../domain/accounts/port.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { toNoticeItem } from './dynamodb-account-items.ts';

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
            // An item is written once a minute, by the first instance. The stream has a record of each write.
            ConditionExpression: 'attribute_not_exists(pk) OR #minute < :minute',
            ExpressionAttributeNames: { '#minute': 'minute' },
            ExpressionAttributeValues: { ':minute': notice.minuteMs },
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
