import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoNotices, toNoticeItem } from '../../../adapters/accounts/dynamodb-notices.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { announcementOf } from '../../../adapters/accounts/stream-images.ts';
import { noticeAnnouncement } from '../../../domain/accounts/announcements.ts';
import type { Notice } from '../../../domain/accounts/notices.ts';
import type { Notices } from '../../../domain/accounts/port.ts';
import { floorTo, minuteMs } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const minute = floorTo(nowMs, minuteMs);
const used = (key: string, more: Partial<Notice> = {}) =>
  ({
    what: 'key.used_after_revocation',
    minuteMs: minute,
    account: 'acme',
    key,
    client: 'curl',
    ...more,
  }) as Notice;
const unauthorized: Notice = { what: 'requests.unauthorized', minuteMs: minute, count: 100 };

describe.each<[string, () => Notices]>([
  ['memory', () => new MemoryAccounts().notices],
  ['DynamoDB', () => new DynamoNotices(tables.table('accounts'))],
])('in %s', (_, create) => {
  it('a notice is written once a minute, and again in a later one', async () => {
    const notices = create();

    expect(await notices.write(used('000000000001'))).toBe(true);
    expect(await notices.write(used('000000000001', { client: 'other' } as Partial<Notice>))).toBe(false);
    expect(await notices.write(used('000000000001', { minuteMs: minute - minuteMs }))).toBe(false);
    expect(await notices.write(used('000000000001', { minuteMs: minute + minuteMs }))).toBe(true);
  });

  it('keys, and refused requests, are noticed apart', async () => {
    const notices = create();

    expect(await notices.write(used('000000000002'))).toBe(true);
    expect(await notices.write(used('000000000003'))).toBe(true);
    expect(await notices.write(unauthorized)).toBe(true);
    expect(await notices.write(unauthorized)).toBe(false);
  });
});

it.each([used('000000000004'), { ...unauthorized, minuteMs: minute + minuteMs }])(
  'what the stream has of a notice is announced: $what',
  async (notice) => {
    const { client, name } = tables.table('accounts');
    await new DynamoNotices({ client, name }).write(notice);
    const { pk, sk } = toNoticeItem(notice);
    const { Item } = await client.send(new GetCommand({ TableName: name, Key: { pk, sk } }));

    const { marshall } = await import('@aws-sdk/util-dynamodb');
    expect(announcementOf(marshall(Item), 'dev')).toEqual(noticeAnnouncement(notice, 'dev'));
    expect(Item?.ttl).toBeGreaterThan(notice.minuteMs / 1000);
  },
);

it('deletions and other items are not announced', () => {
  expect(announcementOf(undefined, 'dev')).toBeUndefined();
  expect(announcementOf({ pk: { S: 'key#000000000001' }, sk: { S: 'key' } }, 'dev')).toBeUndefined();
});
