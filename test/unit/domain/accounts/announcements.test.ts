import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { announcementSchemas } from '../../../../domain/accounts/announcement-schemas.ts';
import {
  type Announcement,
  type AnnouncementType,
  changeAnnouncement,
  noticeAnnouncement,
} from '../../../../domain/accounts/announcements.ts';
import type { AuditEntry } from '../../../../domain/accounts/audit.ts';
import type { Notice, QuotaReached } from '../../../../domain/accounts/notices.ts';
import { periodNames, quotaModes, toldShares } from '../../../../domain/limits/quota.ts';

const types = Object.keys(announcementSchemas) as AnnouncementType[];
const noticeTypes = ['key.used_after_revocation', 'requests.unauthorized', 'quota.reached'];
const changeTypes = types.filter((type) => !noticeTypes.includes(type)) as AuditEntry['what'][];

const hex = fc.stringMatching(/^[0-9a-f]{12}$/);
const time = fc.integer({ min: 0, max: 4e12 });
const fields = fc.dictionary(
  fc.string(),
  fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
);
const entries = fc.record({
  account: fc.string(),
  atMs: time,
  id: hex,
  who: fc.string(),
  what: fc.constantFrom(...changeTypes),
  after: fields,
});
const isValid = ({ type, detail }: Announcement) =>
  announcementSchemas[type].safeParse(JSON.parse(JSON.stringify(detail))).success;

describe('an announcement', () => {
  it('of any audit entry has the schema of its type, and the id of the entry', () => {
    fc.assert(
      fc.property(entries, hex, fc.option(fields), (entry, key, before) => {
        const announcement = changeAnnouncement(
          {
            ...entry,
            ...(entry.what.startsWith('key.') && { key }),
            ...(entry.what.startsWith('member.') && { person: 'ada@example.com' }),
            ...(before && { before }),
          } as AuditEntry,
          'dev',
        );

        expect(isValid(announcement)).toBe(true);
        expect(announcement).toMatchObject({ type: entry.what, detail: { id: entry.id, stage: 'dev' } });
      }),
    );
  });

  it('of any notice has the schema of its type, and an id of its own in each minute or period', () => {
    const notices = fc.oneof(
      fc.record({
        what: fc.constant('key.used_after_revocation' as const),
        minuteMs: time,
        account: fc.string(),
        key: hex,
        client: fc.string(),
      }),
      fc.record({
        what: fc.constant('requests.unauthorized' as const),
        minuteMs: time,
        count: fc.nat(),
      }),
    );
    const quotas = fc.record({
      what: fc.constant('quota.reached' as const),
      minuteMs: time,
      account: fc.constantFrom('acme', 'globex'),
      environment: fc.constant('production'),
      generation: fc.nat(),
      period: fc.constantFrom(...periodNames),
      startMs: time,
      endMs: time,
      share: fc.constantFrom(...toldShares),
      quota: fc.nat(),
      used: fc.nat(),
      mode: fc.constantFrom(...quotaModes),
    });
    fc.assert(
      fc.property(notices, (notice: Notice) => {
        const [one, next] = [notice, { ...notice, minuteMs: notice.minuteMs + 60_000 }].map((each) =>
          noticeAnnouncement(each, 'dev'),
        );

        expect(one && isValid(one)).toBe(true);
        expect(one?.detail.id).not.toBe(next?.detail.id);
      }),
    );
    fc.assert(
      fc.property(quotas, (notice: QuotaReached) => {
        const later = { ...notice, minuteMs: notice.minuteMs + 60_000 };
        const others = [
          { ...notice, startMs: notice.startMs + 1 },
          { ...notice, environment: 'staging' },
        ];
        const [one, again, ...of] = [notice, later, ...others].map((each) => noticeAnnouncement(each, 'dev'));

        expect(one && isValid(one)).toBe(true);
        expect(again?.detail.id).toBe(one?.detail.id);
        for (const other of of) expect(other.detail.id).not.toBe(one?.detail.id);
      }),
    );
  });
});

const docs = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'operate');

it('docs/operate/events.schema.json is made of the schemas: run this test with -u after a change', async () => {
  const schemas = Object.fromEntries(types.map((type) => [type, z.toJSONSchema(announcementSchemas[type])]));

  await expect(`${JSON.stringify(schemas, undefined, 2)}\n`).toMatchFileSnapshot(
    join(docs, 'events.schema.json'),
  );
});

it('docs/operate/events.md has every type', () => {
  const page = readFileSync(join(docs, 'events.md'), 'utf8');

  for (const type of types) expect(page).toContain(`| \`${type}\` |`);
});
