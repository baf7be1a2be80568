// What accounts were answered, by hour, in the table of documents. A delivery is added by transactions of its hours and a
// guard, so that a delivery that comes again adds nothing. Nothing is read before: counters are only added to.

import { addedKey, levelHourSortKey, levelsKey, onlySortKey, type Tenant } from '../../domain/keys.ts';
import {
  type AccountLevels,
  addedOnceForMs,
  type Delivery,
  type LevelHour,
  type LevelRange,
  type Levels,
  levelsExpireAtMs,
  type TenantHour,
} from '../../domain/service-levels/account-levels.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';

/** With its guard, what a transaction takes. */
const hoursTogether = 99;

export class DynamoAccountLevels implements AccountLevels {
  readonly #table: Table;

  constructor(aggregates: Table) {
    this.#table = aggregates;
  }

  async add({ digest, hours }: Delivery, nowMs: number): Promise<void> {
    let part = 0;
    // The hours of a delivery are always in the same order, and so its parts are always the same.
    for (const some of inChunks(hours, hoursTogether)) {
      await transact(
        this.#table,
        [this.#guard(addedKey(digest, part), nowMs), ...some.map((hour) => this.#addTo(hour))],
        `Adding to service levels on ${this.#table.name}`,
      );
      part += 1;
    }
  }

  /** If its condition fails, the part is added already. */
  #guard(pk: string, nowMs: number): TransactAction {
    return {
      Put: {
        TableName: this.#table.name,
        Item: { pk, sk: onlySortKey, ttl: epochSeconds(nowMs + addedOnceForMs) },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
  }

  #addTo({ tenant, startMs, levels }: TenantHour): TransactAction {
    const counts = Object.entries(levels);
    const expires = levelsExpireAtMs(startMs);
    return {
      Update: {
        TableName: this.#table.name,
        Key: { pk: levelsKey(tenant), sk: levelHourSortKey(startMs) },
        UpdateExpression: `SET expires = :expires, #ttl = :ttl ADD ${counts.map((_, index) => `#${index} :${index}`).join(', ')}`,
        ExpressionAttributeNames: {
          '#ttl': 'ttl',
          ...Object.fromEntries(counts.map(([counter], index) => [`#${index}`, counter])),
        },
        ExpressionAttributeValues: {
          ':expires': expires,
          ':ttl': epochSeconds(expires),
          ...Object.fromEntries(counts.map(([, count], index) => [`:${index}`, count])),
        },
      },
    };
  }

  async hours(tenant: Tenant, { fromMs, toMs }: LevelRange, nowMs: number): Promise<readonly LevelHour[]> {
    const range = {
      pk: levelsKey(tenant),
      first: levelHourSortKey(fromMs),
      last: levelHourSortKey(toMs - 1),
    };
    return (await queryRange(this.#table, range))
      .filter(({ expires }) => Number(expires) > nowMs)
      .map(fromItem);
  }
}

function fromItem({ pk, sk, expires, ttl, ...counters }: Item): LevelHour {
  return { startMs: Date.parse(`${String(sk).split('#')[1]}:00:00.000Z`), levels: counters as Levels };
}
