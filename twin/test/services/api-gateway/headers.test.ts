import { describe, expect, it } from 'vitest';
import { policy, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

type Event = Readonly<Record<string, unknown>>;

/** The events that the authorizer and the function received. */
async function eventsFor(path: string, init: RawRequest = {}) {
  let authorizer: Event = {};
  let proxy: Event = {};
  const running = await startGateway({
    authorize: (event) => {
      authorizer = event;
      return policy('Allow', '*');
    },
    serve: (event) => {
      proxy = event;
      return { statusCode: 200 };
    },
  });
  const answer = await rawRequest(`${running.url}${path}`, init);
  return { authorizer, proxy, answer };
}

/** The client's headers where the function answers with these. */
async function answeredHeaders(answer: object, path = '/items') {
  const running = await startGateway({ serve: () => ({ statusCode: 200, ...answer }) });
  return (await rawRequest(`${running.url}${path}`)).headers;
}

const headersOf = (event: Event) => event.headers as Readonly<Record<string, string>>;
const contextOf = (event: Event) => event.requestContext as Readonly<Record<string, unknown>>;

describe('headers of a request', () => {
  it('that AWS drops do not reach the function', async () => {
    const dropped = {
      'Content-MD5': 'x',
      'Max-Forwards': '1',
      'Proxy-Authenticate': 'x',
      Server: 'x',
      TE: 'trailers',
      'WWW-Authenticate': 'x',
      Authorization: 'AWS4-HMAC-SHA256 Credential=x',
    };

    const { proxy } = await eventsFor('/items', { headers: dropped });

    expect(Object.keys(headersOf(proxy)).toSorted()).toEqual([
      'Host',
      'X-Amzn-Trace-Id',
      'X-Forwarded-For',
      'X-Forwarded-Port',
      'X-Forwarded-Proto',
    ]);
  });

  it('that AWS passes on keep their case and their values', async () => {
    const passed = {
      Authorization: 'Bearer x',
      'Content-Encoding': 'identity',
      Date: 'Sat, 21 Nov 2026 05:00:36 GMT',
      Via: '1.1 x',
      'x-OWN': ['a', 'b'],
    };

    const { proxy } = await eventsFor('/items', { headers: passed });

    expect(headersOf(proxy)).toMatchObject({ ...passed, 'x-OWN': 'b' });
    expect(proxy.multiValueHeaders).toMatchObject({ Via: ['1.1 x'], 'x-OWN': ['a', 'b'] });
  });

  it('get a trace of their own where they bring none', async () => {
    const { proxy, answer } = await eventsFor('/items');

    const trace = headersOf(proxy)['X-Amzn-Trace-Id'];
    // The time is the gateway's, in seconds.
    expect(trace).toMatch(/^Root=1-6b012574-[\da-f]{24}$/);
    expect(answer.headers['x-amzn-trace-id']).toBe(trace);
  });

  it('keep the trace that they bring', async () => {
    const trace = 'Root=1-5f000000-0123456789abcdef01234567;Sampled=1';

    const { proxy, answer } = await eventsFor('/items', { headers: { 'x-amzn-trace-id': trace } });

    expect(headersOf(proxy)).toMatchObject({ 'X-Amzn-Trace-Id': trace });
    expect(headersOf(proxy)).not.toHaveProperty('x-amzn-trace-id');
    expect(answer.headers['x-amzn-trace-id']).toBe(trace);
  });

  it('may choose the id of the request, if it is a UUID', async () => {
    const requestId = '0f0e0d0c-0b0a-4908-8706-050403020100';

    const { proxy, answer } = await eventsFor('/items', { headers: { 'x-amzn-requestid': requestId } });

    expect(contextOf(proxy).requestId).toBe(requestId);
    expect(answer.headers['x-amzn-requestid']).toBe(requestId);
  });

  it('do not choose the id of the request otherwise', async () => {
    const { proxy } = await eventsFor('/items', { headers: { 'x-amzn-requestid': 'mine' } });

    expect(contextOf(proxy).requestId).toMatch(/^[\da-f]{8}-/);
  });
});

describe('the host that a client names', () => {
  it.each([
    ['example.com', 'example.com', 'example', '80'],
    ['example.com:8787', 'example.com', 'example', '8787'],
    ['192.0.2.1:99', '192.0.2.1', '192', '99'],
    ['[::1]', '[::1]', '[::1]', '80'],
    ['[::1]:99', '[::1]', '[::1]', '99'],
    ['example.com:odd', 'example.com:odd', 'example', '80'],
  ])(
    'as %s is the domain %s with the prefix %s, on the port %s',
    async (host, domainName, domainPrefix, port) => {
      const { proxy } = await eventsFor('/items', { headers: { Host: host } });

      expect(contextOf(proxy)).toMatchObject({ domainName, domainPrefix });
      expect(headersOf(proxy)).toMatchObject({ Host: host, 'X-Forwarded-Port': port });
    },
  );
});

describe('the address of the client', () => {
  it('is appended to those that came before', async () => {
    const { proxy, authorizer } = await eventsFor('/guarded', {
      headers: { 'x-forwarded-for': ['203.0.113.1, 203.0.113.2', '203.0.113.3'] },
    });

    for (const event of [proxy, authorizer])
      expect(headersOf(event)).toMatchObject({
        'X-Forwarded-For': '203.0.113.1, 203.0.113.2, 203.0.113.3, 127.0.0.1',
      });
    expect(headersOf(proxy)).not.toHaveProperty('x-forwarded-for');
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:DB8::7', '2001:db8::7'],
    ['2001:db8:0::7', '2001:db8::7'],
    ['2001:0db8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
  ])('where the twin is told %s, is %s', async (told, address) => {
    const { proxy, authorizer } = await eventsFor('/guarded', {
      headers: { 'X-Weir-Client-Address': told },
    });

    for (const event of [proxy, authorizer]) {
      expect(contextOf(event).identity).toMatchObject({ sourceIp: address });
      expect(headersOf(event)['X-Forwarded-For']).toBe(address);
      expect(JSON.stringify(event).toLowerCase()).not.toContain('x-weir-client-address');
    }
  });

  it.each(['here', '192.0.2.256', '192.0.2.7, 192.0.2.8', 'fe80::1%eth0', '[2001:db8::7]', ''])(
    'cannot be %j, and the twin says so itself',
    async (address) => {
      const { proxy, answer } = await eventsFor('/items', { headers: { 'x-weir-client-address': address } });

      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body.toString())).toEqual({
        error: `x-weir-client-address takes one IPv4 or IPv6 address, and ${JSON.stringify(address)} is none.`,
      });
      expect(proxy).toEqual({});
    },
  );
});

describe('a query', () => {
  it('may have any name', async () => {
    const { proxy } = await eventsFor('/items?__proto__=a&constructor=b', {
      headers: { toString: 'c' } as never,
    });

    expect(Object.entries(proxy.multiValueQueryStringParameters ?? {})).toEqual([
      ['__proto__', ['a']],
      ['constructor', ['b']],
    ]);
    expect(proxy.multiValueHeaders).toHaveProperty('toString', ['c']);
  });

  it('is decoded, split at semicolons too, and its last value counts', async () => {
    const { proxy } = await eventsFor('/items?a=1;a=2&b=x+y%20z&%C3%A4=%26&empty');

    expect(proxy.queryStringParameters).toEqual({ a: '2', b: 'x y z', ä: '&', empty: '' });
    expect(proxy.multiValueQueryStringParameters).toEqual({
      a: ['1', '2'],
      b: ['x y z'],
      ä: ['&'],
      empty: [''],
    });
  });
});

describe('headers of an answer', () => {
  it('that AWS renames come to the client under their other names', async () => {
    const headers = await answeredHeaders({
      headers: {
        Authorization: 'a',
        Connection: 'close',
        'Content-MD5': 'b',
        Date: 'then',
        'Max-Forwards': '1',
        Server: 'c',
        'User-Agent': 'd',
        'WWW-Authenticate': 'Bearer',
      },
    });

    expect(headers).toMatchObject({
      'x-amzn-remapped-authorization': 'a',
      'x-amzn-remapped-connection': 'close',
      'x-amzn-remapped-content-md5': 'b',
      'x-amzn-remapped-date': 'then',
      'x-amzn-remapped-max-forwards': '1',
      'x-amzn-remapped-server': 'c',
      'x-amzn-remapped-user-agent': 'd',
      'x-amzn-remapped-www-authenticate': 'Bearer',
    });
    expect(headers.date).toMatch(/GMT$/);
    for (const name of ['authorization', 'content-md5', 'server', 'user-agent', 'www-authenticate'])
      expect(headers).not.toHaveProperty(name);
  });

  it('that AWS drops do not come to the client', async () => {
    const headers = await answeredHeaders({
      headers: {
        Expect: 'a',
        Host: 'b',
        'Proxy-Authenticate': 'c',
        TE: 'd',
        Trailer: 'e',
        'Transfer-Encoding': 'chunked',
        Upgrade: 'f',
        Via: 'g',
        'Content-Length': '9',
      },
      body: 'four',
    });

    for (const name of ['expect', 'host', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding'])
      expect(headers).not.toHaveProperty(name);
    expect(headers).not.toHaveProperty('upgrade');
    expect(headers).not.toHaveProperty('via');
    expect(headers['content-length']).toBe('4');
  });

  it('are merged from both lists, and a pair that is in both counts once', async () => {
    const headers = await answeredHeaders({
      headers: { 'Set-Cookie': 'a=1', 'x-number': 7, 'x-same': 'x' },
      multiValueHeaders: { 'set-cookie': ['b=2', 'c=3'], 'X-Same': ['x'], 'x-flags': [true, 1] },
    });

    expect(headers['set-cookie']).toEqual(['b=2', 'c=3', 'a=1']);
    expect(headers).toMatchObject({ 'x-number': '7', 'x-same': 'x', 'x-flags': 'true, 1' });
  });

  it('say JSON where the function says nothing', async () => {
    expect((await answeredHeaders({}))['content-type']).toBe('application/json');
  });

  it('always carry the ids of the gateway, whatever the function says', async () => {
    const headers = await answeredHeaders({
      headers: { 'x-amzn-RequestId': 'mine', 'x-amz-apigw-id': 'mine' },
    });

    expect(headers['x-amzn-requestid']).toMatch(/^[\da-f]{8}-/);
    expect(headers['x-amz-apigw-id']).toMatch(/=$/);
    expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-/);
  });

  it('carry no trace where no function answered', async () => {
    const headers = await answeredHeaders({}, '/unknown');

    expect(headers['x-amzn-requestid']).toMatch(/^[\da-f]{8}-/);
    expect(headers).not.toHaveProperty('x-amzn-trace-id');
  });
});
