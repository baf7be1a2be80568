// A stored event as clients read it.

import type { AcceptedEvent } from '../event/event.ts';
import { iso } from '../system/time.ts';

export type ShownEvent = Omit<AcceptedEvent, 'timestamp'> & {
  readonly timestamp: string;
  readonly received_at: string;
};

/** `made` lists the fields that the server added. It is absent if there are none. */
export function shownEvent(event: AcceptedEvent, receivedAtMs: number): ShownEvent {
  const { event_id, type, timestamp, made, ...others } = event;
  return {
    event_id,
    type,
    timestamp: iso(timestamp),
    received_at: iso(receivedAtMs),
    ...others,
    ...(made && { made }),
  };
}
