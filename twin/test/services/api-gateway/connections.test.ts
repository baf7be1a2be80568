import { once } from 'node:events';
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../src/core/http/listen.ts';
import { invocationUri } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';
import { type FakeFunction, method, stage, startGateway } from './fixture.ts';
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

describe('requests that a client sends without waiting for answers', () => {
  const pipelined = (count: number) =>
    Array.from(
      { length: count },
      (_, at) => `POST /items HTTP/1.1\r\nHost: local\r\nContent-Length: 0\r\nX-Number: ${at}\r\n\r\n`,
    ).join('');

  it('are handled one after another, and those of others between them', async () => {
    const begun: string[] = [];
    const answers: (() => void)[] = [];
    const { url } = await start(({ headers }) => {
      begun.push((headers as unknown as Record<string, string>)['X-Number'] ?? 'other');
      const answer = Promise.withResolvers<object>();
      answers.push(() => answer.resolve(ok()));
      return answer.promise;
    });
    const flood = connect(Number(new URL(url).port), '127.0.0.1');
    flood.write(pipelined(3000));
    await eventually(
      async () => begun,
      ({ length }) => length === 1,
    );

    const other = rawRequest(`${url}/items`);
    await eventually(
      async () => begun,
      ({ length }) => length === 2,
    );
    expect(begun).toEqual(['0', 'other']);
    answers[1]?.();
    expect((await other).status).toBe(200);

    answers[0]?.();
    await eventually(
      async () => begun,
      ({ length }) => length === 3,
    );
    expect(begun).toEqual(['0', 'other', '1']);
    answers[2]?.();
    flood.destroy();
  });

  it('are not begun once it has gone away', async () => {
    let begun = 0;
    const first = Promise.withResolvers<object>();
    const { url, reports } = await start(() => {
      begun += 1;
      return begun === 1 ? first.promise : ok();
    });
    const flood = connect(Number(new URL(url).port), '127.0.0.1');
    flood.write(pipelined(100));
    await eventually(
      async () => begun,
      (count) => count === 1,
    );
    await once(flood.destroy(), 'close');
    // It is asked over another connection, which the gateway sees closed later.
    await rawRequest(`${url}/items`);

    first.resolve(ok());
    await rawRequest(`${url}/items`);

    expect(begun).toBe(3);
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

const start = (serve: FakeFunction) =>
  startGateway(
    { serve },
    // However slow the machine is, no answer of a test comes from a time-out.
    {
      ItemsMethod: method('Items', {
        Integration: { Type: 'AWS_PROXY', Uri: invocationUri('serve'), TimeoutInMillis: 29_000 },
      }),
    },
  );

async function leave(request: ClientRequest): Promise<void> {
  // Node calls the end that we ask for an error, too.
  request.on('error', () => undefined);
  await new Promise((resolve) => request.on('close', resolve).destroy());
}
