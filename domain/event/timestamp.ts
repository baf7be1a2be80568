// Instants as clients write them.

import * as z from 'zod/mini';

/** RFC 3339 writes `T` and `Z` in either case. */
const dateTimePattern = new RegExp(z.regexes.datetime({ offset: true }).source, 'i');

export type Timestamp = number | string;

export const isTimestamp = (value: unknown): value is Timestamp =>
  typeof value === 'string' ? dateTimePattern.test(value) : Number.isSafeInteger(value);

export const millisecondsOf = (timestamp: Timestamp): number =>
  typeof timestamp === 'string' ? Date.parse(timestamp.toUpperCase()) : timestamp;
