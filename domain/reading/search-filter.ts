// What a search asks for. A value of metadata is named by a path: `plan`, or `cart.currency` within an object.

import type { AcceptedEvent } from '../event/event.ts';
import type { Metadata } from '../event/metadata.ts';

export type MetadataEquality = { readonly path: string; readonly value: string };

export type SearchFilter = {
  readonly type?: string;
  readonly service?: string;
  readonly userId?: string;
  readonly eventId?: string;
  readonly metadata: readonly MetadataEquality[];
};

export const mostMetadataEqualities = 3;

export function isMatch(event: AcceptedEvent, filter: SearchFilter): boolean {
  const { type, service, userId, eventId, metadata } = filter;
  return (
    isAskedFor(type, event.type) &&
    isAskedFor(service, event.service) &&
    isAskedFor(userId, event.user_id) &&
    isAskedFor(eventId, event.event_id) &&
    metadata.every(({ path, value }) => isAt(event.metadata, path, value))
  );
}

const isAskedFor = (asked: string | undefined, given: string | undefined): boolean =>
  asked === undefined || asked === given;

/** A name may contain a dot itself, so that each way of reading the path counts. */
function isAt(within: unknown, path: string, value: string): boolean {
  if (typeof within !== 'object' || within === null || Array.isArray(within)) return false;
  const object = within as Metadata;
  if (Object.hasOwn(object, path) && isEqual(object[path], value)) return true;
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (Object.hasOwn(object, name) && isAt(object[name], path.slice(dot + 1), value)) return true;
  }
  return false;
}

/** A query is a text: `true`, `3` and `null` are found by their texts. Of a list, each element counts. */
function isEqual(found: unknown, value: string): boolean {
  if (Array.isArray(found)) return found.some((each) => !Array.isArray(each) && isEqual(each, value));
  return typeof found === 'object' && found !== null ? false : String(found) === value;
}
