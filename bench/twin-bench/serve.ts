// The child processes of the bench: a bare server that answers at once, and a twin in memory or on disk. Each prints one line of JSON
// with its address.

import { createServer } from 'node:http';
import { listen } from '@weir/twin/parts';
import { startWeir } from '../../local/weir.ts';
import { createAccountOn } from '../../test/support/accounts.ts';
import { streamNamesOf } from '../../test/support/stream.ts';

export type Served = { readonly url: string };
export type ServedTwin = Served & {
  readonly apiKeys: readonly string[];
  /** For AWS clients. */
  readonly proxyUrl: string;
  readonly streamName: string;
};
export type Twin = ServedTwin & { readonly pid: number };

export async function serveFloor(): Promise<void> {
  const answer = JSON.stringify({
    batch_id: 'x'.repeat(60),
    accepted: 1,
    rejected: [],
    receipt: 'x'.repeat(70),
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(202, { 'content-type': 'application/json' }).end(answer));
  });
  print({ url: await listen(server, 0) });
}

export async function serveTwin(folder: string, accounts: readonly string[], memory: boolean): Promise<void> {
  const twin = await startWeir({ memory, folder });
  const apiKeys: string[] = [];
  // On the plan with the highest bursts, so that the twin is measured and not its throttle.
  for (const account of accounts) apiKeys.push((await createAccountOn(twin, account, 'custom')).api_key);
  print({ url: twin.url, apiKeys, proxyUrl: twin.proxyUrl, streamName: streamNamesOf(twin).live });
}

function print(served: Served | ServedTwin): void {
  console.log(JSON.stringify(served));
}
