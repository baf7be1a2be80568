// An account that sends one event a second: whether its requests are answered, and how fresh its events are.

import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { headersOf } from '../support/flood.ts';

const everyMs = 1000;
const patienceMs = 600_000;

export type Heard = {
  readonly failed: number;
  /** Of requests, and from receipt to stored, both in rising order. */
  readonly answeredMs: readonly number[];
  readonly freshnessMs: readonly number[];
};

/** Begins after `offsetMs`. Resolves when all that was accepted is stored. */
export async function sendQuietly(url: string, key: string, seconds: number, offsetMs = 0): Promise<Heard> {
  await sleep(offsetMs);
  const firstMs = performance.now();
  const receipts: string[] = [];
  const answeredMs: number[] = [];
  let failed = 0;
  await Promise.all(
    Array.from({ length: (seconds * 1000) / everyMs }, async (_, index) => {
      const dueMs = firstMs + index * everyMs;
      await sleep(dueMs - firstMs);
      const { status, receipt } = await post(url, key).catch(() => ({ status: 0, receipt: '' }));
      answeredMs.push(performance.now() - dueMs);
      if (status === 202) receipts.push(receipt);
      else failed += 1;
    }),
  );
  const freshnessMs: number[] = [];
  for (const receipt of receipts) freshnessMs.push(await freshnessOf(url, key, receipt));
  return { failed, answeredMs: inOrder(answeredMs), freshnessMs: inOrder(freshnessMs) };
}

export const together = (all: readonly Heard[]): Heard => ({
  failed: all.reduce((sum, { failed }) => sum + failed, 0),
  answeredMs: inOrder(all.flatMap(({ answeredMs }) => answeredMs)),
  freshnessMs: inOrder(all.flatMap(({ freshnessMs }) => freshnessMs)),
});

export const at = (share: number, sorted: readonly number[]): number =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;

export function renderHeard(part: string, { failed, answeredMs, freshnessMs }: Heard): string {
  const figures = (sorted: readonly number[]) =>
    [0.5, 0.95, 0.99].map((share) => `P${share * 100} ${at(share, sorted).toFixed(0)} ms`).join(', ');
  return `${part}: ${failed} failed; answered ${figures(answeredMs)}; freshness ${figures(freshnessMs)}`;
}

const inOrder = (figures: readonly number[]) => figures.toSorted((one, other) => one - other);

async function post(url: string, key: string) {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: headersOf(key),
    body: '[{"type":"tick"}]',
  });
  const { receipt = '' } = (await response.json()) as { readonly receipt?: string };
  return { status: response.status, receipt };
}

async function freshnessOf(url: string, key: string, receipt: string): Promise<number> {
  const read = async () => (await fetch(`${url}${receipt}`, { headers: headersOf(key) })).json();
  type Answer = { readonly status: string; readonly freshness_ms: number };
  const { freshness_ms } = await eventually(
    read as () => Promise<Answer>,
    ({ status }) => status === 'stored',
    patienceMs,
  );
  return freshness_ms;
}
