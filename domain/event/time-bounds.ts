// How old an event may be when it is received, and how far ahead of the clock. Apart from validation, which consumers of
// these bounds must not load.

import { dayMs, minuteMs } from '../system/time.ts';

export const oldestMs = 30 * dayMs;
export const newestMs = 10 * minuteMs;
