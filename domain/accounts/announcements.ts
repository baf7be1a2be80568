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
  return { type: what, atMs: minuteMs, detail: { at: iso(minuteMs), stage, ...noticeDetail(notice) } };
}

function noticeDetail(notice: Notice) {
  const at = iso(notice.minuteMs);
  switch (notice.what) {
    case 'requests.unauthorized':
      return { id: `unauthorized-${at}`, count: notice.count };
    case 'key.used_after_revocation':
      return {
        id: `${notice.key}-${at}`,
        account_id: notice.account,
        key_id: notice.key,
        client: notice.client,
      };
    case 'quota.reached': {
      const { account, environment, period, share, quota, used, mode } = notice;
      const [from, to] = [iso(notice.startMs), iso(notice.endMs)];
      return {
        id: `${account}-${environment}-${period}-${from}-${share}-${quota}`,
        ...{ account_id: account, environment, period, from, to, share, quota, used, quotas: mode },
      };
    }
  }
}
