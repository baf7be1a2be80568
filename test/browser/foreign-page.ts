// A page of another origin than the API's, and a key that its readers may know.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKey } from '../../cli/key/create.ts';
import type { CreatedKey } from '../../domain/accounts/shown-keys.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { operatorOf } from '../support/accounts.ts';

export async function servePage(html: () => string) {
  const server = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html' }).end(html()),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export const createPublicKey = async (
  twin: RunningWeir,
  account: string,
  origin: string,
): Promise<CreatedKey> =>
  createKey(
    { ...(await operatorOf(twin)), clock: twin.clock },
    {
      ...{ account_id: account, environment: 'production', scopes: ['ingest'] },
      openTo: { origins: [origin], eventsPerMinute: 6000 },
    },
  );
