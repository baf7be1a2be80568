// What invokes review: a schedule, or an operator who asks for a report of a time, in full hours.

import * as z from 'zod/mini';
import { dayMs, hourMs } from '../../domain/system/time.ts';

export const mostReportedDays = 92;

const fullHour = z.int().check(z.multipleOf(hourMs), z.nonnegative());
const reportRequest = z.object({ report: z.object({ fromMs: fullHour, toMs: fullHour }) });

export type ReportRequest = z.infer<typeof reportRequest>;

/** What an operator gets: the facts, and the same as a page and as text. */
export type ReportAnswer = { readonly report: unknown; readonly page: string; readonly text: string };

export class InvalidReportRequest extends Error {
  override readonly name = 'InvalidReportRequest';
}

/** Undefined for a run of the schedule. */
export function readRequest(event: unknown): ReportRequest | undefined {
  if (typeof event !== 'object' || event === null || !('report' in event)) return undefined;
  const { data } = reportRequest.safeParse(event);
  if (data === undefined)
    throw new InvalidReportRequest('A report is { fromMs, toMs }, both full hours of UTC in milliseconds.');
  const { fromMs, toMs } = data.report;
  if (fromMs >= toMs || toMs - fromMs > mostReportedDays * dayMs)
    throw new InvalidReportRequest(
      `A report is of at most ${mostReportedDays} days, and fromMs is before toMs.`,
    );
  return data;
}
