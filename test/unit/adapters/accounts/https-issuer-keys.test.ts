import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  HttpsIssuerKeys,
  IssuerUnavailable,
  issuerTimeMs,
} from '../../../../adapters/accounts/https-issuer-keys.ts';
import { authorizeTimeMs } from '../../../../domain/api/routes.ts';

let answer: RequestListener;
let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  answer(request, response);
});
let uri: string;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('the keys are what the issuer answers', async () => {
  answer = (_, response) => response.end('{"keys":[]}');

  expect(await new HttpsIssuerKeys(uri).read()).toEqual({ keys: [] });
});

describe('the issuer is unavailable', () => {
  const fails = async (cause: RegExp, timeoutMs?: number) => {
    const error: unknown = await new HttpsIssuerKeys(uri, timeoutMs)
      .read()
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(IssuerUnavailable);
    expect(String((error as Error).cause)).toMatch(cause);
    expect(asked).toBeLessThanOrEqual(1);
  };

  it('if it answers an error', () => {
    answer = (_, response) => response.writeHead(500).end('{"keys":[]}');
    return fails(/answered 500/);
  });

  it('if it answers no JSON', () => {
    answer = (_, response) => response.end('<html>');
    return fails(/SyntaxError/);
  });

  it('if it leads elsewhere: the stage names where the keys are', () => {
    answer = (_, response) => response.writeHead(302, { location: `${uri}/there` }).end();
    return fails(/fetch failed/);
  });

  it('if its answer has no end, of which no more than 100 KB are read', async () => {
    let sent = 0;
    answer = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(50_000))) sent += 50_000;
      };
      response.on('drain', more);
      more();
    };
    await fails(/more than 100000 bytes/);
    expect(sent).toBeLessThan(50_000_000);
  });

  it('if it begins to answer and does not go on', () => {
    answer = (_, response) => void response.write('{"keys":');
    return fails(/TimeoutError/, 50);
  });

  it('if nothing listens there', async () => {
    const keys = new HttpsIssuerKeys('http://127.0.0.1:1/keys');

    await expect(keys.read()).rejects.toThrow(IssuerUnavailable);
  });

  it('if it does not answer, after a time of which authorize has more', () => {
    answer = () => {};
    expect(2 * issuerTimeMs).toBeLessThan(authorizeTimeMs);
    return fails(/TimeoutError/, 50);
  });
});
