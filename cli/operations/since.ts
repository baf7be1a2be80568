import { Option } from '@commander-js/extra-typings';
import type { TimeRange } from '../../domain/operations/port.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { readDuration } from '../terminal/instants.ts';

export const sinceOption = (usual: string) =>
  new Option('--since <duration>', 'how far back to look, such as 30m, 6h or 2d').default(usual);

/** Up to a minute ahead: the clocks of AWS and of this machine differ. */
export const toRange = (since: string, nowMs: number): TimeRange => ({
  fromMs: nowMs - readDuration('since', since),
  toMs: nowMs + minuteMs,
});
