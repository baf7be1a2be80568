// The ids of events, by number. What an id looks like decides where it is claimed: singly, in the log of its time, or in the
// log of its batch.

import { nowMs } from '../support/events.ts';

/** Time of two windows that follow each other in one partition. */
const windowMs = 8192;
const partitionMs = 8 * windowMs;
const partitionStartMs = Math.floor(nowMs / partitionMs) * partitionMs;

const ofTime = (startMs: number) => (number: string) => {
  const time = startMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.padStart(12, '0')}`;
};

/** A hundred numbers each. */
const families: readonly ((number: string) => string)[] = [
  (number) => `e${number}`,
  ofTime(partitionStartMs),
  ofTime(partitionStartMs + windowMs),
  (number) => `one-batch-of-a-client_~${number}`,
];

export const inWindow = (number: number): number => 100 + number;
export const inNextWindow = (number: number): number => 200 + number;
export const inBatch = (number: number): number => 300 + number;

export const eventIdOf = (number: number): string =>
  families[Math.floor(number / 100)]?.(String(number % 100)) ?? '';
