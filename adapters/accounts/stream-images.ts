// What the stream of the accounts table tells `announce`: audit entries and notices. Other items do not come to it, by the
// filter of its mapping.

import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  type Announcement,
  changeAnnouncement,
  noticeAnnouncement,
} from '../../domain/accounts/announcements.ts';
import { auditKeyPrefix, noticeKeyPrefix } from '../../domain/keys.ts';
import { fromAuditItem } from './dynamodb-account-items.ts';
import { fromNoticeItem } from './dynamodb-notices.ts';

type Image = Parameters<typeof unmarshall>[0];

/** Undefined for a deletion, and for any other item. */
export function announcementOf(image: unknown, stage: string): Announcement | undefined {
  if (typeof image !== 'object' || image === null) return undefined;
  const item = unmarshall(image as Image);
  const key = String(item.pk);
  if (key.startsWith(auditKeyPrefix)) return changeAnnouncement(fromAuditItem(item), stage);
  if (key.startsWith(noticeKeyPrefix)) return noticeAnnouncement(fromNoticeItem(item), stage);
  return undefined;
}
