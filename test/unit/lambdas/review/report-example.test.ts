// The report of a stormy fortnight: what a reader who knows nothing of the code must find in it.

import { describe, expect, it } from 'vitest';
import { makeReport } from '../../../../domain/service-levels/report.ts';
import { renderReportPage } from '../../../../lambdas/review/render-report.ts';
import { renderReportText } from '../../../../lambdas/review/render-text.ts';
import { stormyFortnight } from './stormy-fortnight.ts';

const report = makeReport(stormyFortnight);

describe('the report of a stormy fortnight', () => {
  it('is the page that the docs show', async () => {
    await expect(renderReportPage(report)).toMatchFileSnapshot(
      '../../../../docs/operate/report.example.html',
    );
  });

  it('is the text that the docs show', async () => {
    await expect(`${renderReportText(report)}\n`).toMatchFileSnapshot(
      '../../../../docs/operate/report.example.txt',
    );
  });
});

describe('what people wrote', () => {
  const hostile = '<img src=x onerror="alert(1)">\n- a line of its own';
  const attacked = makeReport({
    ...stormyFortnight,
    incidents: stormyFortnight.incidents.map((incident) => ({
      ...incident,
      notes: [{ atMs: 0, by: hostile, from: hostile, text: hostile }],
    })),
  });

  it('is text in the page, whatever it looks like', () => {
    const page = renderReportPage(attacked);

    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  });

  it('stays on its line of the text', () => {
    expect(renderReportText(attacked)).not.toMatch(/^- a line of its own/m);
  });
});

describe('a reader who knows nothing of the code', () => {
  const text = renderReportText(report);

  it('learns first whether to ship, and why', () => {
    expect(text.split('\n').slice(2, 4)).toEqual([
      'FREEZE',
      '- Ingest availability: the error budget of 30 days is used up (111 %).',
    ]);
  });

  it('sees how the budget was computed, what hurt, for how long and why', () => {
    expect(text).toMatch(/[\d,]+ of 3,900,000 answers failed; the budget was 3,900; 111 % used\./);
    expect(text).toContain('stream-lag (page): from 24 Nov 2026 03:10, 3 h');
    expect(text).toContain('operator bob: DynamoDB was away in the region for an hour.');
  });

  it('finds grey where nothing was measured', () => {
    expect(text).toContain('- Search latency: no data.');
    expect(renderReportPage(report)).toContain('<span class="chip no-data">no data</span>');
  });
});
