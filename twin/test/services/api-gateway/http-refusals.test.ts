import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { statusOfHttpError } from '../../../src/services/api-gateway/http-refusals.ts';
import { gatewayResponse, startGateway } from './fixture.ts';

const problem = gatewayResponse('DEFAULT_4XX', undefined, '{"request_id":"$context.requestId"}', {
  'content-type': "'application/problem+json'",
});
const start = (serve = (_event: Record<string, never>): unknown => ({ statusCode: 200, body: 'four' })) =>
  startGateway({ serve }, { Problem: problem });

/** What a server says to these bytes until it closes the connection, without what differs each time. */
async function answersTo(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let said = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  socket.write(text);
  await once(socket, 'close');
  return said;
}

const host = 'Host: 127.0.0.1\r\n';

describe('what the HTTP server itself refuses has the body of the gateway response', () => {
  it.each([
    ['a request line that is none', 'nonsense\r\n\r\n', 400],
    ['a version that nobody speaks', `GET /items HTTP/3.7\r\n${host}\r\n`, 400],
    ['no host', 'GET /items HTTP/1.1\r\n\r\n', 400],
    ['two lengths', `GET /items HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['a chunk of no length', `POST /items HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nx\r\n`, 400],
    ['too many headers', `GET /items HTTP/1.1\r\n${host}X-Long: ${'x'.repeat(11_000)}\r\n\r\n`, 431],
    ['an expectation', `GET /items HTTP/1.1\r\n${host}Expect: miracles\r\n\r\n`, 417],
  ])('%s', async (_name, text, status) => {
    const { url } = await start();

    const said = await answersTo(url, text);

    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(said).toContain('content-type: application/problem+json\r\n');
    const [, id] = /x-amzn-requestid: (\S+)\r\n/.exec(said) ?? [];
    expect(said).toMatch(new RegExp(`\r\n\r\n\\{"request_id":"${id}"\\}$`));
    expect(said.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each([
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_HEADER_OVERFLOW', 431],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
    ['HPE_INVALID_METHOD', 400],
  ])('%s is %i', (code, status) => {
    expect(statusOfHttpError(Object.assign(new Error(), { code }))).toBe(status);
  });

  it('after the answer to what was asked before it on the connection', async () => {
    const mayAnswer = Promise.withResolvers<void>();
    const { url } = await start(async () => {
      await mayAnswer.promise;
      return { statusCode: 200, body: 'four' };
    });

    const said = answersTo(url, `GET /items HTTP/1.1\r\n${host}\r\nnonsense\r\n\r\n`);
    setImmediate(mayAnswer.resolve);

    expect((await said).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });
});

it('a target with a host in it is its path at that host', async () => {
  const seen: Record<string, unknown>[] = [];
  const { url } = await start((event) => {
    seen.push(event);
    return { statusCode: 200 };
  });

  const target = 'http://api.test:80/items?a=1';
  const said = await answersTo(url, `GET ${target} HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n`);

  expect(said).toMatch(/^HTTP\/1.1 200 /);
  expect(seen).toMatchObject([
    { path: '/items', queryStringParameters: { a: '1' }, headers: { Host: 'api.test:80' } },
  ]);
});
