// Which door a request came to. Each route has one; what is sent to Weir's own can be CloudEvents.

import { type HttpRequest, headerOf } from '../../edge/http.ts';
import {
  binaryCloudEventDoor,
  cloudEventsDoor,
  isBinaryCloudEvent,
  manyCloudEvents,
  oneCloudEvent,
  openMeterDoor,
} from './cloudevents.ts';
import type { Door } from './door.ts';
import { eventsDoor } from './events.ts';
import { otlpLogsDoor } from './otlp-logs.ts';
import { segmentDoors } from './segment.ts';

const doors: Readonly<Record<string, Door>> = {
  '/v1/events': eventsDoor,
  '/v1/events:debug': eventsDoor,
  '/v1/logs': otlpLogsDoor,
  '/api/v1/events': openMeterDoor,
  ...segmentDoors,
};

export function doorOf(request: Pick<HttpRequest, 'resource' | 'headers'>): Door {
  const door = doors[request.resource];
  if (!door)
    throw new Error(
      `No door of ingest has the route ${request.resource}: see lambdas/ingest/doors/doors.ts.`,
    );
  if (door !== eventsDoor) return door;
  if (isBinaryCloudEvent(request)) return binaryCloudEventDoor;
  return isCloudEvents(request) ? cloudEventsDoor : eventsDoor;
}

function isCloudEvents(request: Pick<HttpRequest, 'headers'>): boolean {
  const [type = ''] = (headerOf(request, 'content-type') ?? '').split(';');
  return [oneCloudEvent, manyCloudEvents].includes(type.trim().toLowerCase());
}
