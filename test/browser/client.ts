// Weir's own client in a browser: it compresses, and what waits when its page goes is stored once.

import { deepEqual } from 'node:assert/strict';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { Weir } from '../../client/src/index.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { createAccountOn } from '../support/accounts.ts';
import { eventually } from '../support/eventually.ts';
import { openFaultyDoor } from '../support/faulty-door.ts';
import { createPublicKey, servePage } from './foreign-page.ts';

/** What was promised and is not so. */
export async function faultsOfClient(browser: Browser, twin: RunningWeir): Promise<string[]> {
  const { api_key: key } = await createAccountOn(twin, 'client-browser', 'custom');
  const door = await openFaultyDoor(twin.url);
  const pages = await servePage(() => '<p>shop</p>');
  const open = await createPublicKey(twin, 'client-browser', pages.origin);
  const page = await browser.newPage();
  try {
    const { outputFiles } = await build({
      ...{ entryPoints: ['client/src/index.ts'], bundle: true, write: false },
      ...{ format: 'iife', globalName: 'client', platform: 'browser' },
    });
    await page.goto(pages.origin);
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
    await page.evaluate(
      `weir = new client.Weir({ url: ${JSON.stringify(door.url)}, key: ${JSON.stringify(open.api_key)}, flushAfterMs: 60000 })`,
    );
    await page.evaluate(`(async () => {
      for (let n = 0; n < 100; n += 1) weir.track({ type: 'seen', metadata: { n } });
      await weir.flush();
    })()`);
    await page.evaluate(`for (let n = 100; n < 130; n += 1) weir.track({ type: 'left', metadata: { n } })`);
    await page.goto('about:blank');

    const numbers = await eventually(
      () =>
        Array.fromAsync(
          new Weir({ url: twin.url, key }).search({ limit: 1000 }),
          ({ metadata }) => metadata?.n,
        ),
      (found) => found.length >= 130,
    );
    deepEqual(
      numbers.toSorted((a, b) => Number(a) - Number(b)),
      Array.from({ length: 130 }, (_, n) => n),
    );
    deepEqual(
      door.seen.map(({ headers, body }) => [headers['content-encoding'], JSON.parse(body).length]),
      [
        ['gzip', 100],
        [undefined, 30],
      ],
    );
    return [];
  } catch (error) {
    return [`Weir's client in a browser: ${error instanceof Error ? error.message : error}`];
  } finally {
    await page.close();
    await pages.close();
    await door.close();
  }
}
