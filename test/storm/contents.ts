// The content of an event of the storm. It depends on the seed and the number of the event only, so that a resend has the
// same content. Another variant is other content under the same id.

import { seedAt, seededRandom } from '@weir/twin/faults';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../domain/system/time.ts';
import { eventIdOf } from './event-ids.ts';

/** Numbers are the same in all accounts, so that an account that sees an event of another is found. */
export type EventName = { readonly number: number; readonly variant: number };

export type SentEvent = Omit<AcceptedEvent, 'timestamp' | 'made'> & { readonly timestamp?: number };

/** Events from this number on have no timestamp: the server sets it, so that they share a record. */
export const firstUnstamped = 900_000;

const types = ['page.view', 'order', 'login', '__proto__'] as const;
const services = ['web', 'api', 'constructor'] as const;
const users = 24;

/** Up to this share, at most so far back: most get their timestamp from the server, some are late, a few very late. */
const ages = [
  [0.55, undefined],
  [0.85, 90 * minuteMs],
  [0.95, 30 * hourMs],
  [1, 20 * dayMs],
] as const;

export type ContentOptions = { readonly seed: number; readonly baseMs: number };

export function contentOf({ seed, baseMs }: ContentOptions, account: string, name: EventName): SentEvent {
  const random = seededRandom(seedAt(seed, hashOf(`${account}#${name.number}`)));
  const below = (bound: number) => Math.floor(random() * bound);
  const share = random();
  const [, backMs] = ages.find(([upTo]) => share < upTo) ?? [];
  // Rounded to the second, so that pages hold more than one event.
  const isStamped = backMs !== undefined && name.number < firstUnstamped;
  const timestamp = !isStamped ? undefined : floorTo(baseMs - below(backMs), 1000);
  const service = services[below(services.length + 1)];
  const user = below(users * 2);
  return {
    event_id: eventIdOf(name.number, baseMs),
    type: types[(below(types.length) + name.variant) % types.length] ?? 'order',
    ...(timestamp !== undefined && { timestamp }),
    ...(service !== undefined && { service }),
    ...(user < users && { user_id: `user-${user}` }),
    ...(below(3) > 0 && { value: (below(2_000_000) - 10_000) / 100 }),
    metadata: { account, variant: name.variant, note: 'x'.repeat(below(200)) },
  };
}

/** The event without what the server added. */
export function givenOf({ made = [], ...event }: AcceptedEvent): SentEvent {
  const { timestamp, ...rest } = event;
  return made.includes('timestamp') ? rest : event;
}

function hashOf(text: string): number {
  let hash = 0;
  for (const letter of text) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return hash;
}
