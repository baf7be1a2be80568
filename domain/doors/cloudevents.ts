// CloudEvents 1.0 as events of Weir. What has no field of its own goes to the metadata, under its own name.

import { Unusable } from '../event/unusable.ts';
import { digestOfText, toEventId } from './event-id.ts';

const required = ['specversion', 'id', 'source', 'type'] as const;
const longestService = 128;
const longestUser = 255;

export function eventOfCloudEvent(sent: unknown): unknown {
  // Validation says that it is no object.
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return sent;
  const { specversion, id, type, time, ...others } = withoutUnset(sent);
  const { datacontenttype, ...plain } = others;
  // Which is what no type means. A mode that names it makes no other event of it.
  const rest = datacontenttype === 'application/json' ? plain : others;
  const { source, subject } = rest;
  for (const field of required) {
    const value = { specversion, id, source, type }[field];
    if (value === undefined)
      return new Unusable({
        code: 'missing_field',
        field,
        message: `${field} is required in a CloudEvent.`,
        sent,
      });
    if (typeof value !== 'string' || value === '')
      return new Unusable({
        code: 'invalid_field',
        field,
        message: `${field} must be a text that is not empty.`,
        sent,
      });
  }
  if (specversion !== '1.0')
    return new Unusable({
      code: 'invalid_field',
      field: 'specversion',
      message: 'specversion must be 1.0; other versions of CloudEvents are not read.',
      sent,
    });
  const event_id = cloudEventId(String(source), String(id));
  return {
    event_id,
    type,
    ...(time !== undefined && { timestamp: time }),
    ...(isShort(subject, longestUser) && { user_id: subject }),
    ...(isShort(source, longestService) && { service: source }),
    // An id that became a digest is kept.
    metadata: event_id.startsWith(`${id}.`) ? rest : { id, ...rest },
  };
}

/** An attribute that is null is not set, says the JSON format. Data may be null. */
const withoutUnset = (sent: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(sent).filter(([name, value]) => value !== null || name === 'data'));

const isShort = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value !== '' && [...value].length <= most;

const sourceDigits = 11;

/** Source and id together name a CloudEvent: two sources can use the same id. */
export const cloudEventId = (source: string, id: string): string =>
  `${toEventId(id, 1 + sourceDigits)}.${digestOfText(source).slice(0, sourceDigits)}`;
