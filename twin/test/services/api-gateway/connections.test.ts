import { once } from 'node:events';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../src/core/http/listen.ts';
import { type FakeFunction, stage, startGateway } from './fixture.ts';
import { rawRequest } from './raw-request.ts';

const ok = () => ({ statusCode: 200, body: 'four' });

describe('a client', () => {
  it('that asks with HEAD gets the length and no body', async () => {
    const { url } = await start(ok);

    const { status, headers, body } = await rawRequest(`${url}/items`, { method: 'HEAD' });

    expect([status, headers['content-length'], body.byteLength]).toEqual([200, '4', 0]);
  });

  it('that asks with OPTIONS gets what the function answers', async () => {
    const { url } = await start(({ httpMethod }) => ({ statusCode: 204, headers: { Allow: httpMethod } }));

    const { status, headers } = await rawRequest(`${url}/items`, { method: 'OPTIONS' });

    expect([status, headers.allow]).toEqual([204, 'OPTIONS']);
  });

  it('keeps its connection, over refusals too', async () => {
    const { url } = await start(ok);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];

    for (const path of ['/items', '/unknown', '/items']) {
      const request = httpRequest(`${url}${path}`, { agent }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      reused.push(request.reusedSocket);
    }
    agent.destroy();

    expect(reused).toEqual([false, true, true]);
  });

  it('that goes away while the function runs disturbs nobody', async () => {
    const called = Promise.withResolvers<void>();
    const mayAnswer = Promise.withResolvers<void>();
    const { url, reports } = await start(async () => {
      called.resolve();
      await mayAnswer.promise;
      return ok();
    });
    const leaving = httpRequest(`${url}/items`).end();
    await called.promise;

    await leave(leaving);
    mayAnswer.resolve();

    expect((await rawRequest(`${url}/items`)).status).toBe(200);
    expect(reports).toEqual([]);
  });

  it('that goes away while it sends disturbs nobody', async () => {
    const { url, reports } = await start(ok);
    const headers = { 'content-length': 100, expect: '100-continue' };
    const leaving = httpRequest(`${url}/items`, { method: 'POST', headers });
    leaving.flushHeaders();
    await once(leaving, 'continue');
    leaving.write('the beginning');

    await leave(leaving);

    expect((await rawRequest(`${url}/items`)).status).toBe(200);
    expect(reports).toEqual([]);
  });
});

describe('all headers together', () => {
  /** Node counts the path and all names and values, without what is between them. */
  async function statusOf(bytes: number) {
    const { url } = await start(ok);
    const counted = `/items Host ${new URL(url).host} Connection close x-long`.replaceAll(' ', '');
    const headers = { 'x-long': 'a'.repeat(bytes - Buffer.byteLength(counted)) };
    const { status } = await rawRequest(`${url}/items`, { headers });
    return status;
  }

  it('may have just under 10,240 bytes, and no more', async () => {
    expect([await statusOf(10_235), await statusOf(10_245)]).toEqual([200, 431]);
  });
});

describe('a start that fails', () => {
  it('leaves nothing listening', async () => {
    const port = await freePort();
    const Stage = stage({ AccessLogSetting: { DestinationArn: 'arn', Format: '$context.requestId' } });

    const failed = startGateway({}, { Stage }, undefined, {
      port,
      accessLogFile: '/dev/null/logs/access.log',
    });

    await expect(failed).rejects.toThrow('/dev/null/logs');
    await expect(rawRequest(`http://127.0.0.1:${port}/items`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});

const start = (serve: FakeFunction) => startGateway({ serve });

async function leave(request: ClientRequest): Promise<void> {
  // Node calls the end that we ask for an error, too.
  request.on('error', () => undefined);
  await new Promise((resolve) => request.on('close', resolve).destroy());
}
