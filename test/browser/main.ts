// Dashboards, report and status page in a real browser, wide and on a phone, with pictures in .weir/pictures; and the
// clients of Segment and of Weir for browsers. Argument:
// --install-only. Exit codes: 0 nothing found, 1 something found, 3 there is no browser and none can be installed.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

import { attainmentOf, countsIn, windowOf } from '../../domain/service-levels/attainment.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../domain/system/time.ts';
import { renderStatusPage, statusDays } from '../../lambdas/review/render-status.ts';
import { startWeir } from '../../local/weir.ts';
import { hurried } from '../support/hurried.ts';
import { notInstallable } from '../support/python-tools.ts';
import { feedStage } from '../support/stage-metrics.ts';
import { stormyFortnight } from '../unit/lambdas/review/stormy-fortnight.ts';
import { findChromium } from './chromium.ts';
import { faultsOfClient } from './client.ts';
import { findFaults } from './find-faults.ts';
import { faultsOfSegment } from './segment.ts';

/** So many minutes are to come, so that a move of the clock has the alarms judged. */
const aheadMs = 10 * minuteMs;

const executablePath = findChromium();
if (executablePath === undefined) {
  console.error('There is no chromium. Install it, or name it in WEIR_CHROMIUM.');
  process.exit(notInstallable);
}
if (!process.argv.includes('--install-only')) process.exitCode = (await main(executablePath)) === 0 ? 0 : 1;

async function main(executable: string): Promise<number> {
  const pictures = join(import.meta.dirname, '..', '..', '.weir', 'pictures');
  mkdirSync(pictures, { recursive: true });
  const twin = await startWeir({ ...hurried, folder: mkdtempSync(join(tmpdir(), 'weir-browser-')) });
  // chromium has no sandbox for root.
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
  let faults = 0;
  const look = async (name: string, url: string) => {
    for (const found of await facesOf(browser, pictures, name, url)) {
      console.error(found);
      faults += 1;
    }
  };
  try {
    const boards = ['weir-dev-service-levels', 'weir-dev-on-call'];
    const pages = `${twin.url}/_weir/dashboards`;
    for (const board of boards) await look(`${board}-without-data`, `${pages}/${board}`);
    feedTwoDays(twin);
    await twin.invoke('review', {});
    for (const board of boards) await look(board, `${pages}/${board}?hours=24`);

    const toMs = floorTo(twin.clock.now(), hourMs);
    const range = { fromMs: toMs - 2 * dayMs, toMs };
    const { page } = (await twin.invoke('review', { report: range })) as { readonly page: string };
    await look('report', writePage(pictures, 'report', page));
    await look('status', writePage(pictures, 'status', stormyStatus()));

    const broken = [...(await faultsOfSegment(browser, twin)), ...(await faultsOfClient(browser, twin))];
    for (const promise of broken) console.error(promise);
    faults += broken.length;
  } finally {
    await browser.close();
    await twin.stop();
  }
  console.log(faults === 0 ? `Nothing found. Pictures: ${pictures}` : `${faults} found.`);
  return faults;
}

/** An hour of errors, three slow hours, and a consumer that has stopped. */
function feedTwoDays({ metricStore, template, clock }: Awaited<ReturnType<typeof startWeir>>): void {
  const toMs = floorTo(clock.now(), minuteMs) + aheadMs;
  feedStage({
    ...{ store: metricStore, template, stage: 'dev', fromMs: toMs - 2 * dayMs, toMs },
    trouble: (atMs) => {
      const hoursAgo = (toMs - atMs) / hourMs;
      if (hoursAgo > 4 && hoursAgo < 5) return { failing: 0.05 };
      if (hoursAgo > 9 && hoursAgo < 12) return { slow: 0.06 };
      return hoursAgo > 0.5 && hoursAgo < 1 ? { isStopped: true } : {};
    },
  });
  clock.moveBy(aheadMs);
}

function stormyStatus(): string {
  const { objectives: counted, range, incidents, stage, madeAtMs } = stormyFortnight;
  const { toMs } = range;
  const levels = counted.map(({ objective, counted: counts }) => ({
    objective,
    counted: counts,
    attainment: attainmentOf(objective, countsIn(objective, counts, windowOf(objective, toMs))),
  }));
  const open = incidents.filter(({ toMs: endedMs }) => endedMs === undefined);
  const shown = { fromMs: toMs - statusDays * dayMs, toMs };
  return renderStatusPage({ stage, levels, range: shown, open, madeAtMs });
}

function writePage(folder: string, name: string, html: string): string {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

/** What is wrong with a page, on each of the screens. */
async function facesOf(browser: Browser, folder: string, name: string, url: string): Promise<string[]> {
  const found: string[] = [];
  for (const [screen, width] of [
    ['wide', 1600],
    ['phone', 400],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.on('console', (message) => {
      if (message.type() === 'error') found.push(`${name}, ${screen}: the console has "${message.text()}"`);
    });
    page.on('pageerror', (error) => found.push(`${name}, ${screen}: ${error.message}`));
    await page.goto(url);
    for (const fault of await findFaults(page)) found.push(`${name}, ${screen}: ${fault}`);
    await page.screenshot({ path: join(folder, `${name}-${screen}.png`), fullPage: true });
    await page.close();
  }
  return found;
}
