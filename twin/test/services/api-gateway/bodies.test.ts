import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gatewayResponse, restApi, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

type Event = Readonly<Record<string, unknown>>;

const api = (settings: object) => ({ Api: restApi(settings) });
const text = '{"text":"gruezi"}';

/** The event of the function, and the answer to the client. */
async function send(settings: object, request: RawRequest) {
  let event: Event | undefined;
  const running = await startGateway(
    {
      serve: (received) => {
        event = received;
        return { statusCode: 200 };
      },
    },
    {
      ...api(settings),
      Unsupported: gatewayResponse('UNSUPPORTED_MEDIA_TYPE', undefined, '{"is":"$context.error.message"}'),
      Default: gatewayResponse('DEFAULT_4XX', '418', '{}'),
    },
  );
  const answer = await rawRequest(`${running.url}/items`, { method: 'POST', ...request });
  return { event, answer };
}

describe('the body of a request', () => {
  it.each([
    ['text without binary types', [], 'image/png', false],
    ['text for a type that is not binary', ['image/png'], 'application/json', false],
    ['base64 for a type that is binary', ['image/png', 'text/*'], 'Text/HTML; charset=utf-8', true],
    ['base64 where every type is binary', ['*/*'], 'application/json', true],
    ['base64 where every type is binary and none is sent', ['*/*'], undefined, true],
  ])('is %s', async (_name, BinaryMediaTypes, contentType, isBase64Encoded) => {
    const { event } = await send(
      { BinaryMediaTypes },
      { body: text, headers: contentType === undefined ? {} : { 'content-type': contentType } },
    );

    expect(event).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? Buffer.from(text).toString('base64') : text,
    });
  });

  it('loses bytes that are no UTF-8 where it is text', async () => {
    const { event } = await send({}, { body: Buffer.from([0x61, 0xff]) });

    expect(event).toMatchObject({ body: 'a\uFFFD', isBase64Encoded: false });
  });
});

describe('the compressed body of a request', () => {
  it.each([
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['identity', Buffer.from(text)],
  ])('in %s comes decompressed, and its header stays', async (coding, body) => {
    const { event } = await send({}, { body, headers: { 'Content-Encoding': coding } });

    expect(event).toMatchObject({ body: text, isBase64Encoded: false });
    expect(event?.headers).toMatchObject({ 'Content-Encoding': coding });
  });

  it('comes in base64 where its type is binary, and decompressed all the same', async () => {
    const { event } = await send(
      { BinaryMediaTypes: ['*/*'] },
      { body: gzipSync(text), headers: { 'content-encoding': 'gzip' } },
    );

    expect(event).toMatchObject({ body: Buffer.from(text).toString('base64'), isBase64Encoded: true });
  });

  it('comes as it was sent without Content-Encoding', async () => {
    const body = gzipSync(text);

    const { event } = await send(
      { BinaryMediaTypes: ['application/gzip'] },
      { body, headers: { 'content-type': 'application/gzip' } },
    );

    expect(event).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
  });

  it('comes as it was sent below the minimum size', async () => {
    const body = gzipSync(text);

    const { event } = await send(
      { BinaryMediaTypes: ['*/*'], MinimumCompressionSize: body.byteLength + 1 },
      { body, headers: { 'content-encoding': 'gzip' } },
    );

    expect(event).toMatchObject({ body: body.toString('base64') });
  });

  it.each([
    ['a coding that AWS does not know', 'br', gzipSync(text)],
    ['two codings', 'gzip, gzip', gzipSync(gzipSync(text))],
    ['a body that is not compressed', 'gzip', Buffer.from(text)],
    ['a body that breaks off', 'gzip', gzipSync(text).subarray(0, -9)],
  ])('is an unsupported media type with %s', async (_name, coding, body) => {
    const { event, answer } = await send({}, { body, headers: { 'content-encoding': coding } });

    expect(answer.status).toBe(415);
    expect(answer.headers['x-amzn-errortype']).toBe('UnsupportedMediaTypeException');
    expect(answer.body.toString()).toBe('{"is":"Unsupported Media Type"}');
    expect(event).toBeUndefined();
  });

  it('is refused where it is more than 10 MB within, in the way that cannot be customised', async () => {
    const body = gzipSync(Buffer.alloc(10 * 1024 * 1024 + 1));

    const { event, answer } = await send({}, { body, headers: { 'content-encoding': 'gzip' } });

    expect(answer.status).toBe(413);
    expect(answer.body.toString()).toBe('{"message":"Request Too Long"}');
    expect(event).toBeUndefined();
  });

  it('may be 10 MB within', async () => {
    const body = gzipSync(Buffer.alloc(10 * 1024 * 1024));

    const { event } = await send({}, { body, headers: { 'content-encoding': 'gzip' } });

    expect(String(event?.body)).toHaveLength(10 * 1024 * 1024);
  });
});

describe('the body of an answer', () => {
  async function answered(given: object, accept: string | undefined, BinaryMediaTypes: readonly string[]) {
    const running = await startGateway(
      { serve: () => ({ statusCode: 200, ...given }) },
      api({ BinaryMediaTypes }),
    );
    const answer = await rawRequest(`${running.url}/items`, {
      headers: accept === undefined ? {} : { accept },
    });
    return { answer, reports: running.reports };
  }

  const bytes = Buffer.from([0xff, 0x00, 0x61]);
  const encoded = { body: bytes.toString('base64'), isBase64Encoded: true };

  it.each([
    ['bytes where a binary type is accepted', 'image/png', ['image/png'], bytes],
    ['bytes where every type is binary', undefined, ['*/*'], bytes],
    ['base64 where the first type accepted is none', 'text/html, image/png', ['image/png'], undefined],
    ['base64 where anything is accepted, but not everything binary', '*/*', ['image/png'], undefined],
    ['base64 without binary types', 'image/png', [], undefined],
  ])('in base64 is %s', async (_name, accept, types, expected) => {
    const { answer } = await answered(encoded, accept, types);

    expect(answer.body).toEqual(expected ?? Buffer.from(encoded.body));
  });

  it('is an internal error where it should be base64 and is not', async () => {
    const malformed = { body: '{"a":1}', isBase64Encoded: true };

    const { answer, reports } = await answered(malformed, undefined, ['*/*']);

    expect(answer.status).toBe(500);
    expect(reports).toEqual(['Unable to base64 decode the body of a Lambda proxy response.']);
  });
});

describe('the answer to a client that accepts a coding', () => {
  async function answered(acceptEncoding: string | undefined, settings: object, answer: object = {}) {
    const running = await startGateway(
      { serve: () => ({ statusCode: 200, body: text, ...answer }) },
      api(settings),
    );
    return rawRequest(`${running.url}/items`, {
      headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
    });
  }

  it.each([
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['deflate,gzip', 'deflate'],
    ['gzip, deflate, br', 'gzip'],
    ['deflate;q=0.5,gzip;q=1.0', 'gzip'],
    ['gzip;q=1.0,identity;q=0.5,*;q=0', 'gzip'],
  ])('is compressed for %s in %s', async (acceptEncoding, coding) => {
    const { headers, body } = await answered(acceptEncoding, { MinimumCompressionSize: 0 });

    expect(headers['content-encoding']).toBe(coding);
    expect(headers['content-length']).toBe(String(body.byteLength));
    expect((coding === 'gzip' ? gunzipSync : inflateSync)(body).toString()).toBe(text);
  });

  it.each([
    ['it says nothing', undefined],
    ['it says an empty list', ''],
    ['it takes any', '*'],
    ['it takes none', 'identity'],
    ['it refuses the coding', 'gzip;q=0'],
    ['it prefers what AWS does not know', 'br, gzip'],
  ])('is not compressed where %s', async (_name, acceptEncoding) => {
    const { headers, body } = await answered(acceptEncoding, { MinimumCompressionSize: 0 });

    expect(headers).not.toHaveProperty('content-encoding');
    expect(body.toString()).toBe(text);
  });

  it.each([
    ['the template sets no size', {}, {}],
    ['it is below the size', { MinimumCompressionSize: text.length + 1 }, {}],
    ['the function has done so', { MinimumCompressionSize: 0 }, { headers: { 'Content-Encoding': 'x' } }],
  ])('is not compressed where %s', async (_name, settings, answer) => {
    expect((await answered('gzip', settings, answer)).body.toString()).toBe(text);
  });

  it('is compressed from the size on', async () => {
    const { headers } = await answered('gzip', { MinimumCompressionSize: text.length });

    expect(headers['content-encoding']).toBe('gzip');
  });
});

it('answers 431 to more than 10 KB of headers', async () => {
  const { answer, event } = await send({}, { headers: { 'x-long': 'a'.repeat(10_240) } });

  expect(answer.status).toBe(431);
  expect(event).toBeUndefined();
});
