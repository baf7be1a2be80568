import { describe, expect, it } from 'vitest';
import { FunctionFailed, TooManyRequests } from '../../../src/core/invocation.ts';
import { type FakeFunction, gatewayResponse, policy, startGateway } from './fixture.ts';
import { rawRequest } from './raw-request.ts';

const ok: FakeFunction = () => ({ statusCode: 200, body: 'ok' });

/** The event that the function behind the method received. */
async function eventFor(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  let received: Record<string, unknown> = {};
  const { url } = await startGateway({
    authorize: () => policy('Allow', '*', { context: { account_id: 'acme', admin: true } }),
    serve: (event) => {
      received = event;
      return { statusCode: 200 };
    },
  });
  await fetch(`${url}${path}`, init);
  return received;
}

describe('the event of a proxy integration', () => {
  it('has the form that AWS documents', async () => {
    const event = await eventFor('/items/a%20b?x=1&x=2&y=%C3%A4', {
      method: 'POST',
      headers: { 'X-Custom': 'one', 'content-type': 'application/json', 'user-agent': 'test' },
      body: '{"a":1}',
    });

    expect(event).toMatchObject({
      resource: '/items/{item_id}',
      path: '/items/a%20b',
      httpMethod: 'POST',
      queryStringParameters: { x: '2', y: 'ä' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['ä'] },
      pathParameters: { item_id: 'a%20b' },
      stageVariables: null,
      body: Buffer.from('{"a":1}').toString('base64'),
      isBase64Encoded: true,
      requestContext: {
        accountId: '000000000000',
        apiId: 'weir-test-Api',
        httpMethod: 'POST',
        identity: { sourceIp: '127.0.0.1', userAgent: 'test' },
        path: '/api/items/a%20b',
        protocol: 'HTTP/1.1',
        requestTime: '21/Nov/2026:05:00:36 +0000',
        requestTimeEpoch: Date.UTC(2026, 10, 21, 5, 0, 36),
        resourceId: 'weir-test-Item',
        resourcePath: '/items/{item_id}',
        stage: 'api',
      },
    });
    const headers = event.headers as Record<string, string>;
    expect(Object.keys(headers)).toEqual(expect.arrayContaining(['X-Forwarded-For', 'X-Amzn-Trace-Id']));
    expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toContain('content-length');
    expect(event.multiValueHeaders).toMatchObject({ 'X-Forwarded-For': ['127.0.0.1'] });
  });

  it('holds null where a request has no body, no query and no path parameter', async () => {
    expect(await eventFor('/items')).toMatchObject({
      body: null,
      isBase64Encoded: false,
      pathParameters: null,
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    });
  });

  it('carries what the authorizer said, as text, and the key that counts', async () => {
    expect((await eventFor('/guarded')).requestContext).toMatchObject({
      authorizer: {
        account_id: 'acme',
        admin: 'true',
        principalId: 'key-id',
        integrationLatency: expect.any(Number),
      },
      identity: { apiKey: 'plan-key', apiKeyId: 'key-1' },
    });
  });
});

describe('routes', () => {
  it.each([
    ['/items', '/items'],
    ['/items/', '/items'],
    ['/items/latest', '/items/latest'],
    ['/items/other', '/items/{item_id}'],
    ['/items:debug', '/items:debug'],
    ['/items%3Adebug', '/items:debug'],
  ])('%s finds %s', async (path, resource) => {
    expect(await eventFor(path)).toMatchObject({ resource });
  });

  it('that are unknown are a missing token to AWS, and what the template makes of it', async () => {
    const { url } = await startGateway(
      { serve: ok },
      {
        Missing: gatewayResponse('MISSING_AUTHENTICATION_TOKEN', '404', '{"id":"$context.requestId"}', {
          'x-request-id': 'context.requestId',
          'content-type': "'application/problem+json'",
        }),
      },
    );

    const response = await fetch(`${url}/items/a/b`);

    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const id = response.headers.get('x-request-id');
    expect(id).toBe(response.headers.get('x-amzn-requestid'));
    expect(await response.json()).toEqual({ id });
  });
});

describe('the answer of the function', () => {
  it('becomes the answer of the API, with several values of a header and decoded bytes', async () => {
    const { url } = await startGateway({
      serve: () => ({
        statusCode: 201,
        headers: { 'Content-Type': 'text/plain', 'x-number': 7 },
        multiValueHeaders: { 'set-cookie': ['a=1', 'b=2'] },
        body: Buffer.from('bytes').toString('base64'),
        isBase64Encoded: true,
      }),
    });

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('bytes');
  });

  it('to HEAD keeps its headers and has no body', async () => {
    const { url } = await startGateway({ serve: ok });

    const response = await fetch(`${url}/items`, { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('2');
    expect(await response.text()).toBe('');
  });

  const answering = (answer: object) => () => ({ statusCode: 200, ...answer });
  const noStatus = 'its statusCode is not a status';
  const noSingle = 'its headers are not single values by name';
  const noList = 'its multiValueHeaders are not lists of values by name';

  it.each<[name: string, serve: FakeFunction, complaint: string]>([
    ['is no object', () => 'text', 'it is not an object'],
    ['is a list', () => [], 'it is not an object'],
    ['has no status', () => ({ body: 'x' }), noStatus],
    ['has a body that is no text', answering({ body: {} }), 'its body is not text'],
    ['has a member that AWS does not know', answering({ cookies: [] }), 'it has the member cookies'],
    ['has headers in a list', answering({ headers: [] }), noSingle],
    ['has several values where one belongs', answering({ headers: { a: ['b'] } }), noSingle],
    ['has one value where a list belongs', answering({ multiValueHeaders: { a: 'b' } }), noList],
    ['has an object in such a list', answering({ multiValueHeaders: { a: ['b', {}] } }), noList],
    ['has a line break in a header', answering({ headers: { a: 'b\r\nc: d' } }), noSingle],
    ['has a header outside of Latin-1', answering({ headers: { a: '日' } }), noSingle],
    ['has a line break in a list of headers', answering({ multiValueHeaders: { a: ['b', 'c\n'] } }), noList],
    ['has a header whose name has a space', answering({ headers: { 'a b': 'c' } }), noSingle],
    ['has a header without a name', answering({ headers: { '': 'c' } }), noSingle],
    ['has a list of headers without a name', answering({ multiValueHeaders: { '': ['c'] } }), noList],
    ['has the status 100', answering({ statusCode: 100 }), noStatus],
    ['has the status 101', answering({ statusCode: 101 }), noStatus],
    ['has the status 103', answering({ statusCode: 103 }), noStatus],
    ['has the status 600', answering({ statusCode: 600 }), noStatus],
    ['has a status in a list', answering({ statusCode: [200] }), noStatus],
  ])('that %s is a failure, and why is reported', async (_name, serve, complaint) => {
    const { url, reports } = await startGateway({ serve });

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(502);
    expect(reports).toEqual([`Malformed Lambda proxy response: ${complaint}`]);
  });

  it.each([200, '299', 304, 418, 599])('may have the status %j', async (statusCode) => {
    const { url, reports } = await startGateway({ serve: answering({ statusCode }) });

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(Number(statusCode));
    expect(reports).toEqual([]);
  });

  it('may have any header that HTTP takes', async () => {
    const headers = { 'x-latin': 'grüezi', 'x-empty': '', 'x-!#$%': 'a' };
    const { url } = await startGateway({ serve: answering({ headers }) });

    const answer = await rawRequest(`${url}/items`);

    expect(answer).toMatchObject({ status: 200, headers });
  });

  it.each<[name: string, error: Error, report: string]>([
    ['failed', new FunctionFailed('serve', { errorType: 'E', errorMessage: 'm', trace: [] }), 'serve: E: m'],
    [
      'had no free environment',
      new TooManyRequests('serve', 10),
      'serve: no environment is free, of 10. A request was refused.',
    ],
  ])('that never came, because the function %s, is reported', async (_name, error, report) => {
    const { url, reports } = await startGateway({ serve: () => Promise.reject(error) });

    await fetch(`${url}/items`);

    expect(reports).toEqual([report]);
  });

  it('that comes too late is a time-out, which may be customised by the default of its class', async () => {
    const { url } = await startGateway(
      { serve: () => new Promise(() => undefined) },
      { Default: gatewayResponse('DEFAULT_5XX', undefined, '{"type":"$context.error.responseType"}') },
    );

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({ type: 'INTEGRATION_TIMEOUT' });
  });
});

it('refuses more than 10 MB in the one way that cannot be customised', async () => {
  const { url } = await startGateway({ serve: ok }, { Default: gatewayResponse('DEFAULT_4XX', '418', '{}') });
  const send = (bytes: number) => fetch(`${url}/items`, { method: 'POST', body: Buffer.alloc(bytes) });

  const response = await send(10 * 1024 * 1024 + 1);

  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({ message: 'Request Too Long' });
  expect((await send(10 * 1024 * 1024)).status).toBe(200);
});
