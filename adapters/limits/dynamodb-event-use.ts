// What is used of the limits of accounts, in the ledger: an item of one number for each account and environment. The
// condition of the write decides, so that no read comes before it: one write for an account that sends, two for one that
// begins.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { eventUseKey, onlySortKey, type Tenant, tenantKey } from '../../domain/keys.ts';
import { microsOf } from '../../domain/limits/event-rate.ts';
import type { Charge, Charged, EventUse } from '../../domain/limits/port.ts';
import { dayMs, epochSeconds } from '../../domain/system/time.ts';
import { PartitionUnavailable } from '../../domain/system/unavailable.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

/** Others can begin between the two writes. */
const mostRounds = 4;

export class DynamoEventUse implements EventUse {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async charge(tenant: Tenant, charge: Charge): Promise<Charged> {
    const now = microsOf(charge.nowMs);
    const latest = now + charge.room;
    for (let round = 0; round < mostRounds; round += 1) {
      const moved = await this.#update(tenant, charge, {
        UpdateExpression: 'SET used_until = used_until + :cost, #ttl = :ttl',
        ConditionExpression: 'used_until BETWEEN :now AND :latest',
        ExpressionAttributeValues: { ':cost': charge.cost, ':now': now, ':latest': latest },
      });
      if (moved.isCharged) return moved;
      if (moved.usedUntil > latest) return moved;
      if (moved.usedUntil >= now) continue;
      const begun = await this.#update(tenant, charge, {
        UpdateExpression: 'SET used_until = :begun, #ttl = :ttl',
        ConditionExpression: 'attribute_not_exists(pk) OR used_until < :now',
        ExpressionAttributeValues: { ':begun': now + charge.cost, ':now': now },
      });
      if (begun.isCharged) return begun;
    }
    throw new PartitionUnavailable(`Other instances kept changing what ${tenantKey(tenant)} has used.`);
  }

  async #update(tenant: Tenant, { nowMs }: Charge, change: Change): Promise<Charged> {
    const { client, name } = this.#table;
    try {
      const { Attributes } = await callTable(`UpdateItem on ${name}`, () =>
        client.send(
          new UpdateCommand({
            TableName: name,
            Key: { pk: eventUseKey(tenant), sk: onlySortKey },
            ...change,
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ...change.ExpressionAttributeValues,
              ':ttl': epochSeconds(nowMs + dayMs),
            },
            ReturnValues: 'UPDATED_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return { isCharged: true, usedUntil: Number(Attributes?.used_until) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isCharged: false, usedUntil: Number(error.Item?.used_until?.N ?? 0) };
    }
  }
}

type Change = {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeValues: Readonly<Record<string, number>>;
};
