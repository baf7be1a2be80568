// Segment's client for browsers, in a browser: what it was told as a success is stored exactly once, whatever it retries, and
// what was not sent when its page goes is sent then.

import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import type { RunningWeir } from '../../local/weir.ts';
import { createAccountOn } from '../support/accounts.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { type Fault, type FaultyDoor, openFaultyDoor } from '../support/faulty-door.ts';
import { createPublicKey, servePage } from './foreign-page.ts';

const script = readFileSync(
  new URL('../umd/index.js', import.meta.resolve('@segment/analytics-next')),
  'utf8',
);
const userAgent = 'Mozilla/5.0 a browser';

type Way = {
  readonly door: FaultyDoor;
  /** A page that has loaded the client. */
  readonly page: Page;
  /** What is stored: exactly so much, and so many duplicates. */
  readonly stored: (total: number, duplicates?: number) => Promise<void>;
  /** By the id that the client gave it. */
  readonly found: (messageId: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly searched: (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
};

type Case = {
  readonly faults?: readonly Fault[];
  readonly batching?: true;
  readonly work: (way: Way) => Promise<void>;
};

const track = (page: Page, ...names: readonly string[]) =>
  page.evaluate(`for (const name of ${JSON.stringify(names)}) analytics.track(name, { plan: 'pro' })`);

/** In the words of what is promised. */
const cases: Readonly<Record<string, Case>> = {
  'every call arrives, and is found by its id': {
    work: async ({ page, door, stored, searched, found }) => {
      await page.evaluate(`(async () => {
        await analytics.track('Order Completed', { revenue: 12.5 });
        await analytics.identify('ada', { plan: 'pro' });
        await analytics.page('Home');
        await analytics.screen('Main');
        await analytics.group('g');
        await analytics.alias('new');
      })()`);
      await stored(6);
      deepEqual(
        door.seen.map(({ path }) => path),
        ['/t', '/i', '/p', '/s', '/g', '/a'],
      );
      for (const { headers, body } of door.seen) {
        equal(headers['content-type'], 'text/plain');
        const [event] = await found(JSON.parse(body).messageId);
        ok(event, `Nothing was found of ${body}`);
      }
      const [order] = await searched('type=Order%20Completed');
      equal(order?.value, 12.5);
      ok(!JSON.stringify(order).includes('writeKey'));
    },
  },
  'a batch arrives': {
    batching: true,
    work: async ({ page, door, stored }) => {
      await track(page, ...Array.from({ length: 10 }, (_, n) => `event ${n}`));
      await stored(10);
      deepEqual(
        door.seen.map(({ path }) => path),
        ['/b'],
      );
    },
  },
  'what waits in a batch is sent when the page goes': {
    batching: true,
    work: async ({ page, door, stored }) => {
      await track(page, 'a', 'b', 'c');
      equal(door.seen.length, 0);
      await page.goto('about:blank');
      await stored(3);
    },
  },
  'what is sent again because the connection is reset is stored once': {
    faults: ['reset'],
    work: async ({ page, stored }) => {
      await track(page, 'a');
      await stored(1);
    },
  },
  'what is sent again because the answer is lost is stored once': {
    faults: ['lose'],
    work: async ({ page, stored }) => {
      await track(page, 'a');
      await stored(1, 1);
    },
  },
  'what is told 429 comes after Retry-After': {
    faults: [429],
    work: async ({ page, door, stored }) => {
      await track(page, 'a');
      await stored(1);
      const [first, second] = door.seen;
      ok((second?.atMs ?? 0) - (first?.atMs ?? 0) >= 1000);
    },
  },
  'what is told 503 comes again': {
    faults: [503],
    work: async ({ page, stored }) => {
      await track(page, 'a');
      await stored(1);
    },
  },
};

/** What is not as promised. */
export async function faultsOfSegment(browser: Browser, twin: RunningWeir): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(cases).map(async ([promise, each], index) => {
      try {
        await run(browser, twin, `segment-${index}`, each);
        return [];
      } catch (error) {
        return [`@segment/analytics-next: ${promise}: ${String(error)}`];
      }
    }),
  );
  return found.flat();
}

async function run(
  browser: Browser,
  twin: RunningWeir,
  account: string,
  { faults = [], batching, work }: Case,
): Promise<void> {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  const api = createApi(twin.url, api_key);
  const door = await openFaultyDoor(twin.url);
  let body = '';
  const pages = await servePage(() => body);
  const created = await createPublicKey(twin, account, pages.origin);
  body = shop({ key: created.api_key, host: new URL(door.url).host, batching: batching === true });
  const context = await browser.newContext({ userAgent });
  try {
    door.script(...faults);
    const page = await context.newPage();
    await page.goto(pages.origin);
    const summary = async () => (await api.get(`/v1/accounts/${account}/summary?window=24h`)).json;
    await work({
      ...{ door, page },
      stored: async (total, duplicates = 0) => {
        const seen = await eventually(
          summary,
          (json) => json.total >= total && json.duplicates >= duplicates,
        );
        deepEqual([seen.total, seen.duplicates, seen.conflicts], [total, duplicates, 0]);
      },
      found: async (messageId) =>
        (await api.get(`/v1/events?event_id=${created.key_id}.${messageId}`)).json.events,
      searched: async (query) => (await api.get(`/v1/events?${query}`)).json.events,
    });
  } finally {
    await context.close();
    await pages.close();
    await door.close();
  }
}

/** A page as a reader of the guide would write it: settings are given, so that none are fetched from Segment. */
function shop({
  key,
  host,
  batching,
}: {
  readonly key: string;
  readonly host: string;
  readonly batching: boolean;
}): string {
  const strategy = batching && {
    deliveryStrategy: { strategy: 'batching', config: { size: 10, timeout: 5000 } },
  };
  const settings = { apiKey: key, apiHost: host, protocol: 'http', ...strategy };
  const load = { writeKey: key, cdnSettings: { integrations: { 'Segment.io': settings } } };
  return `<!doctype html><script>${script.replaceAll('</script', '<\\/script')}</script>
<script>var analytics = AnalyticsNext.AnalyticsBrowser.load(${JSON.stringify(load)})</script>`;
}
