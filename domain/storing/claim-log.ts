// Ids that have a place in time or in a batch are claimed together, in a log. The log of an id follows from the id alone,
// so that each try of each record looks for its claim in one place. Within its log an id is short, and still exact.

import { claimLogName, claimLogsKey, splitIdentityKey } from '../keys.ts';

/** Within its tenant and across all: a partition of the table, and a window in it. */
export type LogName = string;

/** `id`: what of the event id does not follow from its log, in hexadecimal digits. All ids of a log have as many. */
export type LogPlace = { readonly log: LogName; readonly id: string };

/**
 * As RFC 9562 writes them: lower case with hyphens, version 7 and variant 10. The first 8 digits of the time, some 65
 * seconds, are the partition; the next 3 bits, some 8 seconds, are the window.
 */
const uuid7 = /^([0-9a-f]{8})-([0-9a-f])([0-9a-f]{3})-7([0-9a-f]{3})-([89ab])([0-9a-f]{3})-([0-9a-f]{12})$/;
/** A prefix for the batch, and a number for each event. */
const scopedToBatch = /^([A-Za-z0-9_-]{22})~(0|[1-9][0-9]{0,8})$/;

const scopedWindow = 0;
const scopedDigits = 8;

/** Of an identity key. Undefined if its event id has neither a time nor a batch: such an id is claimed singly. */
export function placeInLog(identityKey: string): LogPlace | undefined {
  const { tenant, eventId } = splitIdentityKey(identityKey);
  const time = uuid7.exec(eventId);
  if (time) {
    const [, part = '', digit = '', milliseconds, a, variant = '', b, c] = time;
    const next = Number.parseInt(digit, 16);
    // Of the variant 2 bits are fixed, so that one digit holds its rest and the bit that is left of the time.
    const mixed = ((next & 1) << 2) | (Number.parseInt(variant, 16) & 3);
    const log = claimLogName(claimLogsKey(tenant, part), next >> 1);
    return { log, id: `${mixed}${milliseconds}${a}${b}${c}` };
  }
  const scoped = scopedToBatch.exec(eventId);
  if (!scoped) return undefined;
  const [, prefix = '', number] = scoped;
  const id = Number(number).toString(16).padStart(scopedDigits, '0');
  return { log: claimLogName(claimLogsKey(tenant, prefix), scopedWindow), id };
}
