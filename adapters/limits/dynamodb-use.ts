// What is used of limits, in the ledger: an item for each account and environment. The condition of the write decides, so
// that no read comes before it: one write for an account that sends, two for one that begins, and two more once a day.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { onlySortKey, type Sender, senderKey } from '../../domain/keys.ts';
import type { Charge, Charged, Counting, Use, Used } from '../../domain/limits/port.ts';
import { countedAt, periodAt, quotaOver } from '../../domain/limits/quota.ts';
import { microsOf } from '../../domain/limits/rate.ts';
import type { Sending, Sent } from '../../domain/limits/sent.ts';
import { dayMs, epochSeconds } from '../../domain/system/time.ts';
import { PartitionUnavailable } from '../../domain/system/unavailable.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

/** Others can begin, and the day can, between two writes. */
const mostRounds = 6;

/** A month is counted to its end, and its last day is corrected after that. */
const lifeMs = 40 * dayMs;

const unlimited = Number.MAX_SAFE_INTEGER;

export class DynamoUse implements Use {
  readonly #table: Table;
  readonly #keyOf: (sender: Sender) => string;

  constructor(table: Table, keyOf: (sender: Sender) => string) {
    this.#table = table;
    this.#keyOf = keyOf;
  }

  async charge(sender: Sender, { cost, room, count, quotas, nowMs }: Charge): Promise<Charged> {
    const now = microsOf(nowMs);
    const latest = now + room;
    let found: Item | undefined = { day: dayOf(nowMs), used_until: now };
    for (let round = 0; round < mostRounds; round += 1) {
      const item = await this.#today(sender, found, nowMs);
      const isPast = Number(item.used_until) < now;
      const tried = await this.#update(sender, nowMs, {
        set: isPast ? 'used_until = :begun' : 'used_until = used_until + :cost',
        ...countIn(item, nowMs),
        sent: count.sent,
        condition: [
          '#day = :day',
          isPast ? 'used_until < :now' : 'used_until BETWEEN :now AND :latest',
          'day_events <= :day_most AND month_events <= :month_most',
        ].join(' AND '),
        values: {
          ':day': Number(item.day),
          ':events': count.events,
          ':over': count.over,
          ':now': now,
          ...(isPast ? { ':begun': now + cost } : { ':cost': cost, ':latest': latest }),
          ':day_most': (quotas?.day ?? unlimited) - count.events,
          ':month_most': (quotas?.month ?? unlimited) - count.events,
        },
      });
      found = tried.item;
      const used = usedOf(found, nowMs);
      if (tried.isDone) return { ...used, isCharged: true };
      if (quotas && quotaOver(quotas, used.counted, count.events)) return { ...used, isCharged: false };
      if (used.usedUntil > latest) return { ...used, isCharged: false };
    }
    throw this.#contended(sender);
  }

  async count(sender: Sender, count: Counting, nowMs: number): Promise<Used> {
    let found: Item | undefined = { day: dayOf(nowMs) };
    for (let round = 0; round < mostRounds; round += 1) {
      const item = await this.#today(sender, found, nowMs);
      const tried = await this.#update(sender, nowMs, {
        ...countIn(item, nowMs),
        sent: count.sent,
        condition: '#day = :day',
        values: { ':day': Number(item.day), ':events': count.events, ':over': count.over },
      });
      if (tried.isDone) return usedOf(tried.item, nowMs);
      found = tried.item;
    }
    throw this.#contended(sender);
  }

  async takeBack(sender: Sender, sent: Sending, nowMs: number): Promise<void> {
    await Promise.all(
      Object.entries(sent).map(([lane, { lastMs }]) =>
        this.#update(sender, nowMs, {
          set: `sent_${lane} = before_${lane}`,
          condition: `sent_${lane} = :last`,
          values: { ':last': lastMs },
        }),
      ),
    );
  }

  async find(sender: Sender, nowMs: number): Promise<Used> {
    return usedOf(await this.#get(sender), nowMs);
  }

  async correct(sender: Sender, dayMs: number, received: number, nowMs: number): Promise<boolean> {
    const found = await this.#get(sender);
    // Of an account that never sent nothing is begun.
    if (!found) return false;
    const item = await this.#today(sender, found, nowMs);
    const known = Number(item.last_day_events);
    if (Number(item.last_day) !== dayMs || known === received) return false;
    const events = monthOf(dayMs) === monthOf(Number(item.day)) ? received - known : 0;
    const { isDone } = await this.#update(sender, nowMs, {
      set: 'month_events = month_events + :events, last_day_events = :received',
      condition: '#day = :day AND last_day = :last AND last_day_events = :known',
      values: {
        ...{ ':day': Number(item.day), ':last': dayMs, ':events': events },
        ...{ ':known': known, ':received': received },
      },
    });
    return isDone;
  }

  /** The item as it was found, or with the day that it is by now. */
  async #today(sender: Sender, found: Item | undefined, nowMs: number): Promise<Item> {
    const day = dayOf(nowMs);
    if (!found) {
      const { item } = await this.#update(sender, nowMs, {
        set: 'used_until = :zero, day_events = :zero, day_over = :zero, month_events = :zero, month_over = :zero, #day = :day',
        condition: 'attribute_not_exists(pk)',
        values: { ':day': day, ':zero': 0 },
      });
      return item ?? { day };
    }
    const before = Number(found.day);
    // A clock that is behind others counts into the day that they have begun.
    if (before >= day) return found;
    const month = monthOf(before) === monthOf(day) ? '' : ', month_events = :zero, month_over = :zero';
    const { item } = await this.#update(sender, nowMs, {
      set: `last_day = #day, last_day_events = day_events, #day = :day, day_events = :zero, day_over = :zero${month}`,
      condition: '#day = :before',
      values: { ':before': before, ':day': day, ':zero': 0 },
    });
    return item ?? { day };
  }

  async #get(sender: Sender): Promise<Item | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(new GetCommand({ TableName: name, Key: this.#key(sender), ConsistentRead: true })),
    );
    return Item;
  }

  /** With the item as it is then. */
  async #update(sender: Sender, nowMs: number, { set, add, sent, condition, values }: Change) {
    const { client, name } = this.#table;
    try {
      const { Attributes } = await callTable(`UpdateItem on ${name}`, () =>
        client.send(
          new UpdateCommand({
            TableName: name,
            Key: this.#key(sender),
            UpdateExpression: [
              `SET ${[...(set ? [set] : []), ...setSent(sent), '#ttl = :ttl'].join(', ')}`,
              ...(add ? [`ADD ${add}`] : []),
            ].join(' '),
            ConditionExpression: condition,
            ExpressionAttributeNames: {
              '#ttl': 'ttl',
              ...(/#day/.test(`${set} ${condition}`) && { '#day': 'day' }),
            },
            ExpressionAttributeValues: {
              ...values,
              ...valuesOf(sent),
              ':ttl': epochSeconds(nowMs + lifeMs),
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return { isDone: true, item: Attributes as Item | undefined };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isDone: false, item: error.Item && (unmarshall(error.Item) as Item) };
    }
  }

  #key(sender: Sender): Item {
    return { pk: this.#keyOf(sender), sk: onlySortKey };
  }

  #contended(sender: Sender): PartitionUnavailable {
    return new PartitionUnavailable(`Other instances kept changing what ${senderKey(sender)} has used.`);
  }
}

type Change = {
  readonly set?: string;
  readonly add?: string;
  readonly sent?: Sending | undefined;
  readonly condition: string;
  readonly values: Readonly<Record<string, number>>;
};

/** All that is right of an equals sign is as it was before the update. */
const setSent = (sent: Sending = {}): readonly string[] =>
  Object.entries(sent).flatMap(([lane, { beforeMs }]) => [
    `before_${lane} = ${beforeMs === undefined ? `if_not_exists(sent_${lane}, :never)` : `:before_${lane}`}`,
    `sent_${lane} = :sent_${lane}`,
  ]);

const valuesOf = (sent: Sending = {}): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(sent).flatMap(([lane, { lastMs, beforeMs }]): [string, number][] => [
      [`:sent_${lane}`, lastMs],
      beforeMs === undefined ? [':never', 0] : [`:before_${lane}`, beforeMs],
    ]),
  );

function sentIn(item: Item): { readonly sent?: Sent } {
  const lanes = Object.keys(item).flatMap((name) =>
    name.startsWith('sent_') ? [name.slice('sent_'.length)] : [],
  );
  if (lanes.length === 0) return {};
  const sent = lanes.map((lane) => [
    lane,
    { lastMs: Number(item[`sent_${lane}`]), beforeMs: Number(item[`before_${lane}`]) },
  ]);
  return { sent: Object.fromEntries(sent) };
}

/** By a clock that is behind, it is of the day before. */
function countIn({ day, last_day }: Item, nowMs: number): Pick<Change, 'add'> {
  const counts = 'day_over :over, month_over :over';
  if (last_day === undefined || Number(last_day) !== dayOf(nowMs))
    return { add: `${counts}, day_events :events, month_events :events` };
  const inMonth = monthOf(Number(day)) === monthOf(nowMs) ? ', month_events :events' : '';
  return { add: `${counts}, last_day_events :events${inMonth}` };
}

const dayOf = (instantMs: number): number => periodAt('day', instantMs).startMs;
const monthOf = (instantMs: number): number => periodAt('month', instantMs).startMs;

function usedOf(item: Item | undefined, nowMs: number): Used {
  const counted = item && {
    dayMs: Number(item.day),
    day: { events: Number(item.day_events), over: Number(item.day_over) },
    month: { events: Number(item.month_events), over: Number(item.month_over) },
  };
  return {
    usedUntil: Number(item?.used_until ?? 0),
    counted: countedAt(counted, nowMs),
    ...(item && sentIn(item)),
  };
}
