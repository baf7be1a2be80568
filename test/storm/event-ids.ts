// The event ids that the senders give. A third have neither a time nor a batch and are claimed singly, a third are UUIDv7,
// and a third are scoped to a batch. The last two are claimed in logs.

import { createHash } from 'node:crypto';
import { floorTo } from '../../domain/system/time.ts';

/** So many ids follow each other in time, then they begin again: many batches of an account have ids of one window. */
const idsInTime = 300;
const idEveryMs = 100;
/** Of a log. The first one begins with the ids, so that it always has as many of them. */
const windowMs = 2 ** 13;
const idsOfBatch = 30;

export function eventIdOf(number: number, baseMs: number): string {
  if (number % 3 === 0) return `storm-${number}`;
  return number % 3 === 1
    ? uuidOf(number, floorTo(baseMs, windowMs) + (number % idsInTime) * idEveryMs)
    : scopedIdOf(number);
}

function uuidOf(number: number, timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  const random = createHash('md5').update(String(number)).digest('hex');
  const variant = '89ab'[number % 4];
  const parts = [random.slice(0, 3), random.slice(3, 6), random.slice(6, 18)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${parts[0]}-${variant}${parts[1]}-${parts[2]}`;
}

function scopedIdOf(number: number): string {
  const batch = String(Math.floor(number / idsOfBatch)).padStart(10, '0');
  return `storm-batch-${batch}~${number % idsOfBatch}`;
}

/** The id that has this place in a log: what `placeInLog` takes apart. `log` is its window in the partition. */
export function eventIdInLog(part: string, window: number, id: string): string {
  if (part.length > 8) return `${part}~${Number.parseInt(id, 16)}`;
  const mixed = Number.parseInt(id.slice(0, 1), 16);
  const digit = ((window << 1) | (mixed >> 2)).toString(16);
  const variant = '89ab'[mixed & 3];
  const [milliseconds, a, b, c] = [id.slice(1, 4), id.slice(4, 7), id.slice(7, 10), id.slice(10)];
  return `${part}-${digit}${milliseconds}-7${a}-${variant}${b}-${c}`;
}
