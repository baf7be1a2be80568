// The time of a line. Files have no times of their own: they are in the lines. An access log has one where its format
// says so; what functions print has one where it is JSON with `timestamp`, or holds metrics.

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import type { LogGroup } from '../../core/log-group.ts';

/** Undefined of a line that does not tell. */
export type TimeOfLine = (line: string) => number | undefined;

export function timesIn({ format }: Pick<LogGroup, 'format'>): TimeOfLine {
  if (format === undefined) return (line) => timeOfPrinted(fieldsOf(line));
  const field = timeFieldOf(format);
  return (line) => (field === undefined ? undefined : epochMs(Number(fieldsOf(line)[field])));
}

/** Undefined where the format has no time that could be read. */
export function timeFieldOf(format: string): string | undefined {
  return Object.entries(fieldsOf(format)).find(([, value]) => value === '$context.requestTimeEpoch')?.[0];
}

function timeOfPrinted({ timestamp, _aws: embedded }: JsonRecord): number | undefined {
  const of = typeof timestamp === 'string' ? Date.parse(timestamp) : Number(timestamp);
  return epochMs(of) ?? (isJsonRecord(embedded) ? epochMs(Number(embedded.Timestamp)) : undefined);
}

function epochMs(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function fieldsOf(text: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonRecord(value) ? value : {};
  } catch {
    return {};
  }
}
