// What is printed when the twin is ready: where it is, commands that work when they are pasted, and how the operator's
// verbs and other tools reach it.

import { demoOwner, tokenHours } from './issuer.ts';
import { pagesPath, type RunningWeir } from './weir.ts';

/** `token`: of the owner of the first account. */
type Place = Pick<RunningWeir, 'url' | 'proxyUrl' | 'accounts'> & {
  readonly token: string;
  /** Where the operator's verbs are. */
  readonly isClone: boolean;
};

export function greeting({ url, proxyUrl, accounts, token, isClone }: Place, elapsedMs?: number): string {
  const [account] = accounts;
  const after = elapsedMs === undefined ? '' : ` after ${(elapsedMs / 1000).toFixed(1)} s`;
  const lines = [`Weir is ready at ${url}${after}.`];
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
    `Read them as a person, ${demoOwner}, by a token that is valid for ${tokenHours} hours:`,
    `  curl -s -H 'authorization: Bearer ${token}' '${url}/v1/accounts/${account_id}/summary?window=24h'`,
    'See that it lives:',
    `  curl -s ${url}/health`,
    '',
    ...(isClone ? ['Another account: npm run -s weir -- --local account create --account acme'] : []),
    `What was stored, and what was not, for a test suite: ${url}${pagesPath}/good and ${url}${pagesPath}/bad`,
    `Other tools of AWS reach its services with --endpoint-url ${proxyUrl}`,
    `All routes, in a browser: ${url}${pagesPath}/api`,
    `What it does, and what makes it fail: ${url}${pagesPath}. Ctrl-C stops everything.`,
  ].join('\n');
}
