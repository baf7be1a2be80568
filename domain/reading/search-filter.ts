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
/** Names and their parts: metadata nests 8 levels, and a name can have dots. */
export const mostPathParts = 16;

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

/**
 * A name may contain a dot itself, so that each way of reading the path counts. Real metadata has few of them: what has more
 * is not looked through, so that nobody makes a search long by names.
 */
const mostWays = 64;

function isAt(metadata: Metadata | undefined, path: string, value: string): boolean {
  let ways = 0;
  const isIn = (within: unknown, left: string): boolean => {
    if (typeof within !== 'object' || within === null || Array.isArray(within)) return false;
    ways += 1;
    if (ways > mostWays) return false;
    const object = within as Metadata;
    if (Object.hasOwn(object, left) && isEqual(object[left], value)) return true;
    for (let dot = left.indexOf('.'); dot !== -1; dot = left.indexOf('.', dot + 1)) {
      const name = left.slice(0, dot);
      if (Object.hasOwn(object, name) && isIn(object[name], left.slice(dot + 1))) return true;
    }
    return false;
  };
  return isIn(metadata, path);
}

/** A query is a text: `true`, `3` and `null` are found by their texts. Of a list, each element counts. */
function isEqual(found: unknown, value: string): boolean {
  if (Array.isArray(found)) return found.some((each) => !Array.isArray(each) && isEqual(each, value));
  return typeof found === 'object' && found !== null ? false : String(found) === value;
}
