// Which door a request came to: each route has one.

import type { HttpRequest } from '../../edge/http.ts';
import type { Door } from './door.ts';
import { eventsDoor } from './events.ts';

const doors: Readonly<Record<string, Door>> = {
  '/v1/events': eventsDoor,
  '/v1/events:debug': eventsDoor,
};

export function doorOf({ resource }: Pick<HttpRequest, 'resource'>): Door {
  const door = doors[resource];
  if (!door)
    throw new Error(`No door of ingest has the route ${resource}: see lambdas/ingest/doors/doors.ts.`);
  return door;
}
