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

export type Sender = { readonly account: string; readonly apiKey: string };

/** A batch by each sender in turn. `from`: the number of the first event of the first batch. */
export const batchRequest = (
  senders: readonly Sender[],
  index: number,
  { batchSize, ids, from }: { readonly batchSize: number; readonly ids: Ids; readonly from: number },
) => ({
  method: 'POST',
  path: '/v1/events',
  headers: {
    'x-api-key': senders[index % senders.length]?.apiKey ?? '',
    'content-type': 'application/json',
  },
  body: JSON.stringify(
    Array.from({ length: batchSize }, (_, at) => benchEvent(from + index * batchSize + at, ids)),
  ),
});
