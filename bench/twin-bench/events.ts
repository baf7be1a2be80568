// An event of about 360 bytes, as in the figures of the design.

import { randomUUID } from 'node:crypto';
import { toUuidV7 } from '../support/uuid-v7.ts';

export type Ids = 'numbered' | 'UUIDv7 of now';

export const benchEvent = (index: number, ids: Ids = 'numbered') => ({
  event_id: ids === 'numbered' ? `b-${index}` : toUuidV7(randomUUID(), Date.now()),
  type: 'page.view',
  user_id: `u-${index % 50}`,
  service: 'web',
  metadata: { path: `/shop/items/${index % 1000}`, note: 'n'.repeat(220) },
});
