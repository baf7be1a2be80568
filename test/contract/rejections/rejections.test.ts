import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoRejections } from '../../../adapters/rejections/dynamodb-rejections.ts';
import { MemoryRejections } from '../../../adapters/rejections/memory-rejections.ts';
import { countedRejectionsKey, onlySortKey, type Tenant } from '../../../domain/keys.ts';
import type { KeptPlace, ReadKept, Rejections } from '../../../domain/rejections/port.ts';
import {
  groupName,
  type RejectionRecord,
  rejectionsExpireAtMs,
} from '../../../domain/rejections/rejection-hour.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { Unavailable } from '../../../domain/system/unavailable.ts';
import { nowMs } from '../../support/events.ts';
import { tenantOf } from '../../support/lanes.ts';
import { losingTheFirstAnswer } from '../../support/lost-answers.ts';
import { rejectionRecord } from '../../support/rejections.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
let account = 0;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = (more: Partial<Tenant> = {}): Tenant => ({ ...tenantOf(`acme-${account}`), ...more });
const month = { fromMs: nowMs - 30 * dayMs, toMs: nowMs + hourMs };
const hoursOf = async (rejections: Rejections, range = month, atMs = nowMs, of = tenant()) =>
  (await rejections.hours(of, range, atMs)).hours;
const totalOf = async (rejections: Rejections, of = tenant()) =>
  (await hoursOf(rejections, month, nowMs, of))
    .flatMap(({ groups }) => groups)
    .reduce((sum, { count }) => sum + count, 0);
const many = (count: number, prefix = 'r') =>
  Array.from({ length: count }, (_, index) => rejectionRecord(`${prefix}-${index}`));
const name = { code: 'missing_field', field: 'type' };

describe.each<[string, () => Rejections]>([
  ['memory', () => new MemoryRejections()],
  ['DynamoDB', () => new DynamoRejections(tables.table('aggregates'))],
])('rejections in %s', (_, create) => {
  it('count each record once, however often it is given, alone or with others', async () => {
    const rejections = create();
    const records = many(40);

    await rejections.count(tenant(), [...records, ...records], nowMs);
    await rejections.count(tenant(), records.slice(5, 9), nowMs);
    await rejections.count(tenant(), [...records, ...many(3, 'more')], nowMs);

    expect(await totalOf(rejections)).toBe(43);
  });

  it('are read by hour, the newest first, from the first up to and without the last', async () => {
    const rejections = create();
    const at = (hours: number) => floorTo(nowMs, hourMs) - hours * hourMs;
    const records = [0, 1, 2, 30, 700].map((hours) => rejectionRecord(`h${hours}`, {}, at(hours)));
    await rejections.count(tenant(), records, nowMs);

    const range = { fromMs: at(30), toMs: at(0) };
    const read = await rejections.hours(tenant(), range, nowMs);

    expect(read.hours.map(({ startMs }) => startMs)).toEqual([at(1), at(2), at(30)]);
    expect(read.fromMs).toBe(range.fromMs);
    expect(read.hours[0]?.groups).toEqual([
      { ...name, keyId: 'abcdefabcdef', client: 'curl/8.5.0', count: 1, firstMs: at(1), lastMs: at(1) },
    ]);
  });

  it('have the last sample of each code and field that is asked for', async () => {
    const rejections = create();
    const later = { ...name, message: 'later' };
    const [noField] = [{ code: 'invalid_json', field: '', message: 'Line 2' }];
    await rejections.count(tenant(), [rejectionRecord('a')], nowMs);
    await rejections.count(tenant(), [rejectionRecord('b', { samples: [later] }, nowMs + 1)], nowMs);
    const unreadable = { counts: [{ ...noField, count: 1 }], samples: [noField] };
    await rejections.count(tenant(), [rejectionRecord('c', unreadable)], nowMs);

    const found = await rejections.samples(tenant(), [name, noField, { code: 'x', field: 'y' }], nowMs);

    expect(found.toSorted((a, b) => a.seenAtMs - b.seenAtMs)).toEqual([
      { ...noField, seenAtMs: nowMs },
      { ...later, seenAtMs: nowMs + 1 },
    ]);
    expect(await rejections.samples(tenant(), [], nowMs)).toEqual([]);
  });

  it('end at one instant, and what is older is not counted', async () => {
    const rejections = create();
    const records = many(1);
    await rejections.count(tenant(), records, nowMs);
    const endMs = rejectionsExpireAtMs(nowMs);

    expect(await hoursOf(rejections, month, endMs - 1)).toHaveLength(1);
    expect(await hoursOf(rejections, month, endMs)).toEqual([]);
    expect(await rejections.samples(tenant(), [name], endMs - 1)).toHaveLength(1);
    expect(await rejections.samples(tenant(), [name], endMs)).toEqual([]);
    await rejections.count(tenant(), [...records, ...many(1, 'old')], endMs);
    expect(await totalOf(rejections)).toBe(1);
  });

  it('are those of one account, environment and generation', async () => {
    const rejections = create();
    await rejections.count(tenant(), many(2), nowMs);

    for (const other of [{ environment: 'staging' }, { generation: 1 }, { account: 'another' }]) {
      expect(await hoursOf(rejections, month, nowMs, tenant(other))).toEqual([]);
      expect(await rejections.samples(tenant(other), [name], nowMs)).toEqual([]);
      await rejections.count(tenant(other), many(3), nowMs);
      expect(await totalOf(rejections, tenant(other))).toBe(3);
    }
    expect(await totalOf(rejections)).toBe(2);
  });

  it('keep the events of a request, if it has any to be kept, until their time ends', async () => {
    const rejections = create();
    const kept = { days: 2, events: [{ ...name, message: 'm', event: { deep: [1, 'é'] } }], leftOut: 3 };
    const records = [rejectionRecord('with', { kept }), rejectionRecord('without', {}, nowMs + 1)];
    await rejections.count(tenant(), records, nowMs);
    await rejections.count(tenant(), records, nowMs);
    await rejections.count(tenant(), [rejectionRecord('late', { kept }, nowMs - 3 * dayMs)], nowMs);

    const endMs = nowMs + 2 * dayMs;
    expect(await rejections.kept(tenant(), { most: 9 }, endMs - 1)).toEqual({
      requests: [
        {
          ...{ record: records[0]?.record, receivedAtMs: nowMs, requestId: 'r', expiresAtMs: endMs },
          ...{ keyId: 'abcdefabcdef', client: 'curl/8.5.0', events: kept.events, leftOut: 3 },
        },
      ],
    });
    expect((await rejections.kept(tenant(), { most: 9 }, endMs)).requests).toEqual([]);
    expect((await rejections.kept(tenant({ environment: 'staging' }), { most: 9 }, nowMs)).requests).toEqual(
      [],
    );
  });

  it('list kept events in pages, the newest first, also at one instant, and from any place', async () => {
    const rejections = create();
    const kept = { days: 7, events: [], leftOut: 0 };
    const at = [0, 0, 0, 1, 2, 3, 3].map((ago, index) =>
      rejectionRecord(`k-${index}`, { kept }, nowMs - ago),
    );
    await rejections.count(tenant(), at, nowMs);
    const seen: string[] = [];
    let before: { record: RejectionRecord['record']; receivedAtMs: number } | undefined;
    do {
      const { requests, next } = await rejections.kept(
        tenant(),
        { most: 2, ...(before && { before }) },
        nowMs,
      );
      expect(requests.length).toBeLessThanOrEqual(2);
      seen.push(...requests.map(({ record }) => record));
      before = next;
    } while (before);

    expect(seen).toEqual(['k-2', 'k-1', 'k-0', 'k-3', 'k-4', 'k-6', 'k-5'].map((each) => `${each}.4094`));
  });

  it('list no more kept events than asked for, from a place where none is or is any longer', async () => {
    const rejections = create();
    const at = [0, 1, 2, 3].map((ago) =>
      rejectionRecord(`n-${ago}`, { kept: { days: 7, events: [], leftOut: 0 } }, nowMs - ago),
    );
    await rejections.count(tenant(), at, nowMs);
    const nobody = { record: rejectionRecord('nobody').record, receivedAtMs: nowMs - 1 };
    const page = (most: number, before: KeptPlace) => rejections.kept(tenant(), { most, before }, nowMs);
    const named = ({ requests }: ReadKept) => requests.map(({ record }) => record);

    const first = await page(1, nobody);
    const second = await page(1, first.next ?? expect.fail('no next'));
    const last = await page(1, second.next ?? expect.fail('no next'));

    expect([first, second, last].map(named)).toEqual([['n-1.4094'], ['n-2.4094'], ['n-3.4094']]);
    const whole = await page(3, nobody);
    expect(named(whole)).toEqual(['n-1.4094', 'n-2.4094', 'n-3.4094']);
    expect(whole.next).toBeUndefined();
  });

  it('are all counted if several count into one hour at once', async () => {
    const rejections = create();

    await Promise.all(
      [0, 1, 2, 3].map((one) => rejections.count(tenant(), [...many(8, `of-${one}`), ...many(3)], nowMs)),
    );

    expect(await totalOf(rejections)).toBe(4 * 8 + 3);
  });

  it('agree with a count by hand, whatever is delivered again', async () => {
    const counts = fc.array(
      fc.record({
        code: fc.constantFrom('missing_field', 'unknown_field'),
        field: fc.constantFrom('type', 'a', 'b', 'c'),
        count: fc.integer({ min: 1, max: 9 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    const record = fc.record({ counts, client: fc.constantFrom('a/1', 'b/2'), hoursAgo: fc.nat({ max: 3 }) });
    const deliveries = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 20 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 12, maxLength: 12 }), deliveries, async (list, runs) => {
        account += 1;
        const rejections = create();
        const records = list.map(
          ({ hoursAgo, ...more }, index): RejectionRecord =>
            rejectionRecord(`p-${index}`, { ...more, samples: [] }, nowMs - hoursAgo * hourMs),
        );
        const delivered = new Set<RejectionRecord>();
        for (const run of runs) {
          const some = run.flatMap((index) => records[index] ?? []);
          await rejections.count(tenant(), some, nowMs);
          for (const each of some) delivered.add(each);
        }

        const expected = new Map<string, number>();
        for (const {
          rejections: { keyId, client, counts: own },
        } of delivered)
          for (const { code, field, count } of own) {
            const group = groupName({ code, field, keyId, client });
            expected.set(group, (expected.get(group) ?? 0) + count);
          }
        const found = new Map<string, number>();
        for (const { groups } of await hoursOf(rejections))
          for (const group of groups)
            found.set(groupName(group), (found.get(groupName(group)) ?? 0) + group.count);
        expect([...found].toSorted()).toEqual([...expected].toSorted());
      }),
      { numRuns: 15, seed: 21 },
    );
  });
});

describe('in DynamoDB', () => {
  const create = () => new DynamoRejections(tables.table('aggregates'));

  it('a record whose answer was lost is counted once, by whoever tries it again', async () => {
    const rejections = create();

    const tries = await losingTheFirstAnswer(tables.client, async () => {
      await rejections.count(tenant(), many(3), nowMs).catch((error) => {
        if (!(error instanceof Unavailable)) throw error;
      });
    });
    await create().count(tenant(), many(5), nowMs);

    expect(tries).toBeGreaterThan(1);
    expect(await totalOf(rejections)).toBe(5);
  });

  it('without its guard, a record that is delivered twice is counted twice', async () => {
    const rejections = create();
    const [record = expect.fail('no record')] = many(1);
    await rejections.count(tenant(), [record], nowMs);
    const { client, name: TableName } = tables.table('aggregates');
    const Key = { pk: countedRejectionsKey(tenant(), record.record), sk: onlySortKey };

    await client.send(new DeleteCommand({ TableName, Key }));
    await rejections.count(tenant(), [record], nowMs);

    expect(await totalOf(rejections)).toBe(2);
  });
});
