// A fortnight in moved time, from the metrics of the stage to the report that a person reads: an hour of errors, a slow day,
// and a consumer that stops. The alarms of the template judge it, review makes incidents of them, an operator adds a note.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCli } from '../../cli/run.ts';
import type { Report } from '../../domain/service-levels/report.ts';
import { dayMs, floorTo, hourMs, iso } from '../../domain/system/time.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { operatorOf } from '../support/accounts.ts';
import { hurried } from '../support/hurried.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { feedStage, type Trouble } from '../support/stage-metrics.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-fortnight-'));
let twin: RunningWeir;
let startMs: number;
/** While the consumer is stopped, and at the end. */
let during: Report;
let report: Report;
let text: string;
/** As `weir incident list` shows them. */
let incidents: { id: string; alarm: string; from: string; to?: string }[];

const at = (day: number, hour: number) => startMs + day * dayMs + hour * hourMs;
const isWithin = (instantMs: number, fromMs: number, hours: number) =>
  instantMs >= fromMs && instantMs < fromMs + hours * hourMs;

/** Day 3: 5 % of all answers fail for an hour. Day 7: 6 % of batches are slow. Day 10: nothing is consumed for an hour. */
function trouble(instantMs: number): Trouble {
  if (isWithin(instantMs, at(3, 12), 1)) return { failing: 0.05 };
  if (isWithin(instantMs, at(7, 0), 24)) return { slow: 0.06 };
  return isWithin(instantMs, at(10, 9), 1) ? { isStopped: true } : {};
}

async function weir(...words: string[]) {
  let [out, err] = ['', ''];
  const streams = { out: (part: string) => (out += part), err: (part: string) => (err += part) };
  const operator = { ...(await operatorOf(twin)), clock: twin.clock };
  expect(await runCli(words, streams, async () => operator), err).toBe(0);
  return out;
}

const range = (toMs: number) => ['--from', iso(startMs), '--to', iso(toMs)];

async function moveTo(instantMs: number) {
  twin.clock.moveTo(instantMs);
  await twin.invoke('review', {});
}

beforeAll(async () => {
  twin = await startWeir({ ...hurried, folder, assembly: inject('assembly') });
  startMs = floorTo(twin.clock.now(), dayMs) + dayMs;
  const { metricStore: store, template } = twin;
  feedStage({
    store,
    template,
    stage: 'dev',
    fromMs: floorTo(twin.clock.now(), hourMs),
    toMs: at(14, 1),
    trouble,
  });
  // Of a long move, the alarms judge each minute of its first and last three hours.
  for (const instantMs of [at(3, 14), at(8, 1), at(10, 10)]) await moveTo(instantMs);
  during = JSON.parse(await weir('report', ...range(at(10, 10)), '--json'));
  for (const instantMs of [at(10, 13), at(14, 0)]) await moveTo(instantMs);
  ({ incidents } = JSON.parse(await weir('incident', 'list', '--from', iso(startMs), '--json')));
  const failed = incidents.find(({ alarm }) => alarm === 'ingest-availability-burn-60m');
  await weir(
    'incident',
    'note',
    '--id',
    failed?.id ?? '',
    '--text',
    'A deploy took a permission. Rolled back.',
  );
  report = JSON.parse(await weir('report', ...range(at(14, 0)), '--json'));
  text = await weir('report', ...range(at(14, 0)));
}, 120_000);

afterAll(async () => {
  await twin?.stop();
  removeTwinFolder(folder);
});

describe('the report of a stormy fortnight', () => {
  it('freezes deploys while a page is not resolved, and names it', () => {
    expect(during.verdict).toMatchObject({
      word: 'freeze',
      reasons: expect.arrayContaining(['The page stopped-consumer is not resolved.']),
    });
  });

  it('lets deploys go on once all is resolved and budgets are left', () => {
    expect(text.split('\n')[2]).toBe(report.verdict.word.toUpperCase());
    expect(report.verdict.word).toBe('ship');
  });

  it('shows how each budget was computed', () => {
    const { window } = report.objectives[0] ?? {};

    expect(report.objectives[0]?.objective.name).toBe('ingest-availability');
    expect(window?.budget).toBeCloseTo((window?.total ?? 0) / 1000);
  });

  it.each(['ingest-availability-burn-60m', 'stopped-consumer'])(
    'has the incident %s, and how long it was',
    (name) => {
      const incident = incidents.find(({ alarm }) => alarm === name);
      const lastedMs = Date.parse(incident?.to ?? '') - Date.parse(incident?.from ?? '');

      expect(lastedMs).toBeGreaterThan(30 * 60_000);
      expect(lastedMs).toBeLessThan(3 * hourMs);
    },
  );

  it('tells the root cause beside the incident', () => {
    expect(text).toContain('A deploy took a permission. Rolled back.');
  });
});
