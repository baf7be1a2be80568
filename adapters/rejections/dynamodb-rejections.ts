// Rejections in the table of documents. A record is counted by one transaction: its guard, the hours that it touches, on
// condition of the version that was read, and its samples. So no repeated delivery counts it twice.

import { hash } from 'node:crypto';
import {
  countedRejectionsKey,
  onlySortKey,
  rejectionHourSortKey,
  rejectionSampleSortKey,
  rejectionsKey,
  type Tenant,
} from '../../domain/keys.ts';
import type { RejectionName } from '../../domain/rejections/kept-events.ts';
import type {
  KeptPage,
  ReadHours,
  ReadKept,
  RejectionRange,
  Rejections,
} from '../../domain/rejections/port.ts';
import {
  countInto,
  groupsFromBytes,
  groupsToBytes,
  hourOf,
  type RejectionHour,
  type RejectionRecord,
  rejectionsExpireAtMs,
  type SeenSample,
} from '../../domain/rejections/rejection-hour.ts';
import { nameOf } from '../../domain/rejections/request-rejections.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { PartitionUnavailable } from '../../domain/system/unavailable.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { queryPage } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';
import { putKept, readKept } from './dynamodb-kept-events.ts';

/** A transaction takes 100 items: a record has its guard, an hour, and at most four samples. */
const recordsTogether = 16;
/** Others can count between read and write. */
const mostRounds = 8;
/** A page has 1 MB. An hour has some 20 KB at worst, and usually some 100 bytes. */
const mostPages = 4;

export class DynamoRejections implements Rejections {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async count(tenant: Tenant, records: readonly RejectionRecord[], nowMs: number): Promise<void> {
    const byId = new Map(records.map((each) => [each.record, each]));
    const inTime = [...byId.values()].filter(
      ({ receivedAtMs }) => rejectionsExpireAtMs(receivedAtMs) > nowMs,
    );
    for (const some of inChunks(inTime, recordsTogether)) await this.#countTogether(tenant, some, nowMs);
  }

  async #countTogether(tenant: Tenant, records: readonly RejectionRecord[], nowMs: number): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      if (round > 0) await this.#table.pause(round - 1);
      const { open, hours } = await this.#read(tenant, records);
      if (open.length === 0) return;
      if (round === 0) await putKept(this.#table, tenant, open, nowMs);
      const counted = countInto(hours, open);
      const { outcome } = await transact(
        this.#table,
        [
          ...open.map((each) => this.#putGuard(tenant, each)),
          ...counted.hours.map((hour) => this.#putHour(tenant, hour)),
          ...counted.samples.map((sample) => this.#put(toSampleItem(tenant, sample))),
        ],
        `Counting rejections on ${this.#table.name}`,
      );
      if (outcome === 'done') return;
    }
    throw new PartitionUnavailable('Others kept counting into the same hours of rejections.');
  }

  /** The records that nobody has counted, and their hours. */
  async #read(tenant: Tenant, records: readonly RejectionRecord[]) {
    const starts = [...new Set(records.map(hourOf))];
    const keys = [
      ...records.map((each) => guardKey(tenant, each)),
      ...starts.map((startMs) => hourKey(tenant, startMs)),
    ];
    const items = new Map((await batchGet(this.#table, keys)).map((item) => [`${item.pk} ${item.sk}`, item]));
    const find = ({ pk, sk }: { pk: string; sk: string }) => items.get(`${pk} ${sk}`);
    const open = records.filter((each) => !find(guardKey(tenant, each)));
    const hours = [...new Set(open.map(hourOf))].map((startMs): RejectionHour => {
      const item = find(hourKey(tenant, startMs));
      return item ? fromHourItem(item) : { startMs, version: 0, groups: [] };
    });
    return { open, hours };
  }

  #putGuard(tenant: Tenant, { record, receivedAtMs }: RejectionRecord): TransactAction {
    const ttl = epochSeconds(rejectionsExpireAtMs(receivedAtMs));
    const put = this.#put({ ...guardKey(tenant, { record }), ttl }).Put;
    return { Put: { ...put, ConditionExpression: 'attribute_not_exists(pk)' } };
  }

  #putHour(tenant: Tenant, { startMs, version, groups }: RejectionHour): TransactAction {
    const expires = rejectionsExpireAtMs(startMs);
    const { Put } = this.#put({
      ...hourKey(tenant, startMs),
      version: version + 1,
      groups: groupsToBytes(groups),
      expires,
      ttl: epochSeconds(expires),
    });
    if (version === 0) return { Put: { ...Put, ConditionExpression: 'attribute_not_exists(pk)' } };
    return {
      Put: {
        ...Put,
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': version },
      },
    };
  }

  #put(item: Item) {
    return { Put: { TableName: this.#table.name, Item: item } };
  }

  async hours(tenant: Tenant, { fromMs, toMs }: RejectionRange, nowMs: number): Promise<ReadHours> {
    const range = {
      pk: rejectionsKey(tenant),
      first: rejectionHourSortKey(fromMs),
      last: rejectionHourSortKey(toMs - 1),
    };
    const hours: RejectionHour[] = [];
    let start: Item | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const how = { ScanIndexForward: false, ExclusiveStartKey: start };
      const { items, lastKey } = await queryPage(this.#table, range, how);
      hours.push(...items.filter(({ expires }) => Number(expires) > nowMs).map(fromHourItem));
      start = lastKey;
      if (!start) return { hours, fromMs };
    }
    return { hours, fromMs: hours.at(-1)?.startMs ?? fromMs };
  }

  async samples(tenant: Tenant, names: readonly RejectionName[], nowMs: number): Promise<SeenSample[]> {
    const keys = names.map((name) => sampleKey(tenant, name));
    const items = await batchGet(this.#table, keys);
    return items.filter(({ expires }) => Number(expires) > nowMs).map(fromSampleItem);
  }

  kept(tenant: Tenant, page: KeptPage, nowMs: number): Promise<ReadKept> {
    return readKept(this.#table, tenant, page, nowMs);
  }
}

const guardKey = (tenant: Tenant, { record }: Pick<RejectionRecord, 'record'>) => ({
  pk: countedRejectionsKey(tenant, record),
  sk: onlySortKey,
});
const hourKey = (tenant: Tenant, startMs: number) => ({
  pk: rejectionsKey(tenant),
  sk: rejectionHourSortKey(startMs),
});
const sampleKey = (tenant: Tenant, name: RejectionName) => ({
  pk: rejectionsKey(tenant),
  sk: rejectionSampleSortKey(hash('sha256', nameOf(name), 'base64url')),
});

const fromHourItem = ({ sk, version, groups }: Item): RejectionHour => ({
  startMs: Date.parse(`${String(sk).split('#')[1]}:00:00.000Z`),
  version: Number(version),
  groups: groupsFromBytes(groups as Uint8Array),
});

function toSampleItem(tenant: Tenant, sample: SeenSample): Item {
  const { code, field, message, event, seenAtMs } = sample;
  const expires = rejectionsExpireAtMs(seenAtMs);
  return {
    ...sampleKey(tenant, sample),
    ...{ code, field, message, event },
    seen: seenAtMs,
    expires,
    ttl: epochSeconds(expires),
  };
}

const fromSampleItem = ({ code, field, message, event, seen }: Item): SeenSample => ({
  code: String(code),
  field: String(field),
  message: String(message),
  ...(event !== undefined && { event: String(event) }),
  seenAtMs: Number(seen),
});
