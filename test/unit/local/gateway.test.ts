import { afterEach, describe, expect, it } from 'vitest';
import { FunctionFailed, TooManyRequests } from '../../../local/functions/function-errors.ts';
import {
  type FakeFunction,
  gatewayResponse,
  policy,
  startGateway,
  type TestGateway,
} from './gateway-fixture.ts';

let running: TestGateway | undefined;

afterEach(async () => {
  await running?.gateway.end();
  running = undefined;
});

async function start(...options: Parameters<typeof startGateway>): Promise<TestGateway> {
  running = await startGateway(...options);
  return running;
}

const ok: FakeFunction = () => ({ statusCode: 200, body: 'ok' });
const failed = (errorMessage: string) =>
  new FunctionFailed('authorize', { errorType: 'Error', errorMessage, trace: [] });
const rejects = (error: Error) => () => Promise.reject(error);

/** The event that the function behind the method received. */
async function eventFor(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  let received: Record<string, unknown> = {};
  const { url } = await start({
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
      pathParameters: { item_id: 'a b' },
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
    const { url } = await start(
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

describe('the authorizer', () => {
  const arn = 'arn:aws:execute-api:us-east-1:000000000000:weir-test-Api/api/GET/guarded';

  it('is asked with a REQUEST event', async () => {
    let asked: Record<string, unknown> = {};
    const { url } = await start({
      authorize: (event) => {
        asked = event;
        return policy('Allow', arn);
      },
      serve: ok,
    });

    const response = await fetch(`${url}/guarded?a=b`, { headers: { 'x-api-key': 'secret' } });

    expect(response.status).toBe(200);
    expect(asked).toMatchObject({
      type: 'REQUEST',
      methodArn: arn,
      resource: '/guarded',
      path: '/guarded',
      httpMethod: 'GET',
      headers: { 'x-api-key': 'secret' },
      queryStringParameters: { a: 'b' },
      requestContext: { resourcePath: '/guarded', stage: 'api' },
    });
    expect(asked).not.toHaveProperty('body');
  });

  it.each<[name: string, answer: FakeFunction, status: number, message: string | null]>([
    ['throws exactly Unauthorized', rejects(failed('Unauthorized')), 401, 'Unauthorized'],
    ['throws anything else', rejects(failed('unauthorized')), 500, null],
    ['answers nonsense', () => ({ isAuthorized: true }), 500, null],
    ['has a context that is not flat', () => policy('Allow', arn, { context: { a: {} } }), 500, null],
    ['denies', () => policy('Deny', '*'), 403, 'User is not authorized to access this resource'],
    [
      'allows another',
      () => policy('Allow', `${arn}/x`),
      403,
      'User is not authorized to access this resource',
    ],
    ['allows by wildcard', () => policy('Allow', arn.replace('GET/guarded', '*/guard??')), 200, ''],
    ['names no key', () => policy('Allow', '*', { usageIdentifierKey: undefined }), 403, 'Forbidden'],
    ['names an unknown key', () => policy('Allow', '*', { usageIdentifierKey: 'x' }), 403, 'Forbidden'],
  ])('that %s', async (_name, answer, status, message) => {
    const { url } = await start({ authorize: answer, serve: ok });

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(status);
    if (status !== 200) expect(await response.json()).toEqual({ message });
  });

  it('gives a denial its words through the context', async () => {
    const { url } = await start(
      { authorize: () => policy('Deny', '*', { context: { code: 'missing_scope' } }) },
      {
        Denied: gatewayResponse(
          'ACCESS_DENIED',
          undefined,
          '{"code":"$context.authorizer.code","none":"$context.authorizer.none","is":"$context.error.responseType"}',
        ),
      },
    );

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 'missing_scope', none: '', is: 'ACCESS_DENIED' });
  });

  it('that fails answers with the status of its gateway response', async () => {
    const { url, reports } = await start(
      { authorize: rejects(failed('boom')) },
      { Failure: gatewayResponse('AUTHORIZER_FAILURE', '503', '{}', { 'Retry-After': "'2'" }) },
    );

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(reports).toEqual(['authorizer: authorize: Error: boom']);
  });

  it.each([
    ['is on no plan of the stage', true, 'weir-test-OtherPlan'],
    ['is disabled', false, 'weir-test-Plan'],
  ])('is of no use with a key that %s', async (_name, enabled, planId) => {
    const { url } = await start(
      { authorize: () => policy('Allow', '*'), serve: ok },
      {},
      {
        find: (value) => ({ id: 'k', name: '', value, enabled }),
        plansOf: () => [planId],
      },
    );

    expect((await fetch(`${url}/guarded`)).status).toBe(403);
  });
});

describe('the answer of the function', () => {
  it('becomes the answer of the API, with several values of a header and decoded bytes', async () => {
    const { url } = await start({
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
    const { url } = await start({ serve: ok });

    const response = await fetch(`${url}/items`, { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('2');
    expect(await response.text()).toBe('');
  });

  it.each<[name: string, serve: FakeFunction, status: number]>([
    ['is no object', () => 'text', 502],
    ['has no status', () => ({ body: 'x' }), 502],
    ['has a body that is no text', () => ({ statusCode: 200, body: {} }), 502],
    ['has a member that AWS does not know', () => ({ statusCode: 200, cookies: [] }), 502],
    ['has headers in a list', () => ({ statusCode: 200, headers: [] }), 502],
    ['has several values where one belongs', () => ({ statusCode: 200, headers: { a: ['b'] } }), 502],
    ['has one value where a list belongs', () => ({ statusCode: 200, multiValueHeaders: { a: 'b' } }), 502],
    [
      'is a failure',
      rejects(new FunctionFailed('serve', { errorType: 'E', errorMessage: 'm', trace: [] })),
      502,
    ],
    ['is a throttle', rejects(new TooManyRequests('serve', 10)), 500],
  ])('that %s is an internal error and reported', async (_name, serve, status) => {
    const { url, reports } = await start({ serve });

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(status);
    expect(response.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException');
    expect(await response.json()).toEqual({ message: 'Internal server error' });
    expect(reports).toHaveLength(1);
  });

  it('that comes too late is a time-out, which may be customised by the default of its class', async () => {
    const { url } = await start(
      { serve: () => new Promise(() => undefined) },
      { Default: gatewayResponse('DEFAULT_5XX', undefined, '{"type":"$context.error.responseType"}') },
    );

    const response = await fetch(`${url}/items`);

    expect(response.status).toBe(504);
    expect(await response.json()).toEqual({ type: 'INTEGRATION_TIMEOUT' });
  });
});

it('refuses more than 10 MB in the one way that cannot be customised', async () => {
  const { url } = await start({ serve: ok }, { Default: gatewayResponse('DEFAULT_4XX', '418', '{}') });
  const send = (bytes: number) => fetch(`${url}/items`, { method: 'POST', body: Buffer.alloc(bytes) });

  const response = await send(10 * 1024 * 1024 + 1);

  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({ message: 'Request Too Long' });
  expect((await send(10 * 1024 * 1024)).status).toBe(200);
});
