import { Option } from '@commander-js/extra-typings';
import type { TimeRange } from '../../domain/operations/port.ts';
import { dayMs, minuteMs } from '../../domain/system/time.ts';
import { readDuration } from '../terminal/instants.ts';

export const sinceOption = (usual: string) =>
  new Option('--since <duration>', 'how far back to look, such as 30m, 6h or 2d').default(usual);

/** Up to a minute ahead, because the clocks of AWS and of this machine differ. */
export const toRange = (since: string, nowMs: number, aheadMs = minuteMs): TimeRange => ({
  fromMs: nowMs - readDuration('since', since),
  toMs: nowMs + aheadMs,
});

/** For what is searched line by line: the clock of a twin may have been moved ahead. */
export const toRangeOfLines = (since: string, nowMs: number): TimeRange => toRange(since, nowMs, dayMs);
