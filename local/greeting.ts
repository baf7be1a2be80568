// What is printed when the twin is ready: where it is, and three commands that work when they are pasted.

import type { Twin } from './twin.ts';

export function greeting({ url, accounts }: Pick<Twin, 'url' | 'accounts'>, elapsedMs: number): string {
  const [account] = accounts;
  const lines = [`Weir is ready at ${url} after ${(elapsedMs / 1000).toFixed(1)} s.`];
  if (account === undefined) return lines.join('\n');
  const { account_id, api_key } = account;
  const key = `-H 'x-api-key: ${api_key}'`;
  const events = JSON.stringify([
    { event_id: 'first-1', type: 'page.viewed', user_id: 'ada', service: 'web' },
    { event_id: 'first-2', type: 'order.placed', user_id: 'ada', service: 'shop' },
  ]);
  return [
    ...lines,
    `Account ${account_id}, key ${api_key}`,
    '',
    'Send two events (again, and they count as duplicates):',
    `  curl -s ${url}/v1/events ${key} -H 'content-type: application/json' -d '${events}'`,
    'Read them back, a second or two later:',
    `  curl -s ${key} '${url}/v1/accounts/${account_id}/summary?window=24h'`,
    'See that it lives:',
    `  curl -s ${url}/health`,
    '',
    `AWS calls are counted at ${url}/_weir/calls. Ctrl-C stops everything.`,
  ].join('\n');
}
