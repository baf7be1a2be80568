// Makes the report that an operator asks for. It is not kept.

import { type GatherDeps, gatherReport } from './gather-report.ts';
import { renderReportPage } from './render-report.ts';
import { renderReportText } from './render-text.ts';
import type { ReportAnswer, ReportRequest } from './wire.ts';

export async function answerReport(
  deps: GatherDeps,
  { report: range }: ReportRequest,
): Promise<ReportAnswer> {
  const report = await gatherReport(deps, 'on demand', range);
  return { report, page: renderReportPage(report), text: renderReportText(report) };
}
