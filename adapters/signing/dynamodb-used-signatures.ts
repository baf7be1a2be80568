// Used signatures: one item each in the ledger, put on condition that there is none in force. DynamoDB may delete
// expired items days late, so the condition compares the time.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { onlySortKey, usedSignatureKey } from '../../domain/keys.ts';
import type { UsedSignatures } from '../../domain/signing/port.ts';
import type { Random } from '../../domain/system/port.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

const ownerBytes = 16;

export class DynamoUsedSignatures implements UsedSignatures {
  readonly #table: Table;
  readonly #random: Random;

  constructor(table: Table, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  async use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean> {
    const owner = this.#random.bytes(ownerBytes);
    try {
      await callTable(`PutItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new PutCommand({
            TableName: this.#table.name,
            Item: {
              pk: usedSignatureKey(account, digest),
              sk: onlySortKey,
              owner,
              until_ms: untilMs,
              ttl: epochSeconds(untilMs),
            },
            ConditionExpression: 'attribute_not_exists(pk) OR until_ms < :now',
            ExpressionAttributeValues: { ':now': nowMs },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The SDK retries a call whose answer was lost. Then the item found is the one that the first try wrote.
      return Buffer.from(owner).equals(error.Item?.owner?.B ?? new Uint8Array());
    }
  }
}
