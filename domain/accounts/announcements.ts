// Announcements: what Weir puts on the event bus of its stage, made of audit entries and notices. People connect them to
// webhooks, chats and queues by rules of their own. Their schemas are in announcement-schemas.ts.

import { iso } from '../system/time.ts';
import type { AuditEntry } from './audit.ts';
import type { Notice } from './notices.ts';

export type AnnouncementType = AuditEntry['what'] | Notice['what'];

export type Announcement = {
  readonly type: AnnouncementType;
  readonly atMs: number;
  /** `id` is the same in every delivery of it. */
  readonly detail: { readonly id: string } & Readonly<Record<string, unknown>>;
};

/** No secret is in an audit entry, and no hash. */
export const changeAnnouncement = (
  { id, atMs, account, environment, who, what, key, record, person, before, after }: AuditEntry,
  stage: string,
): Announcement => ({
  type: what,
  atMs,
  detail: {
    id,
    at: iso(atMs),
    stage,
    account_id: account,
    who,
    ...(environment !== undefined && { environment }),
    ...(key !== undefined && { key_id: key }),
    ...(record !== undefined && { record }),
    ...(person !== undefined && { person }),
    before: before ?? null,
    after,
  },
});

export function noticeAnnouncement(notice: Notice, stage: string): Announcement {
  const { what, minuteMs } = notice;
  const at = iso(minuteMs);
  const about =
    what === 'requests.unauthorized'
      ? { id: `unauthorized-${at}`, at, stage, count: notice.count }
      : {
          id: `${notice.key}-${at}`,
          at,
          stage,
          account_id: notice.account,
          key_id: notice.key,
          client: notice.client,
        };
  return { type: what, atMs: minuteMs, detail: about };
}
