import { describe, expect, it } from 'vitest';
import { createOpenApi } from '../../../../lambdas/read/openapi.ts';
import { httpRequest } from '../../../support/requests.ts';

const start = (readOpenApi = async () => '{"openapi":"3.1.1"}') => {
  const read = createOpenApi({ readOpenApi });
  return (headers: Record<string, string> = {}, query?: Record<string, string>) =>
    read(
      httpRequest({
        method: 'GET',
        resource: '/v1/openapi.json',
        headers,
        ...(query !== undefined && { query }),
      }),
    );
};

describe('GET /v1/openapi.json', () => {
  it('answers the document, which may be kept for minutes', async () => {
    expect(await start()()).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/json',
        'x-request-id': 'request-1',
        'cache-control': 'public, max-age=300',
        etag: expect.stringMatching(/^"[\w-]{16}"$/),
      },
      body: '{"openapi":"3.1.1"}',
    });
  });

  it.each([
    ['as it was sent', (etag: string) => etag],
    ['among others', (etag: string) => `"other", ${etag}`],
    ['made weak on the way', (etag: string) => `W/${etag}`],
    ['as any', () => '*'],
  ])('has no body for who has it already: the tag %s', async (_how, tagOf) => {
    const ask = start();
    const { headers } = await ask();
    const etag = String(headers?.etag);

    expect(await ask({ 'If-None-Match': tagOf(etag) })).toEqual({
      statusCode: 304,
      headers: { 'x-request-id': 'request-1', 'cache-control': 'public, max-age=300', etag },
      body: '',
    });
  });

  it('has another tag for another document', async () => {
    const [one, other] = [await start()(), await start(async () => '{}')()];

    expect(one.headers?.etag).not.toBe(other.headers?.etag);
    expect(await start()({ 'if-none-match': String(other.headers?.etag) })).toMatchObject({
      statusCode: 200,
    });
  });

  it('is read once for each instance, and again if that failed', async () => {
    let reads = 0;
    const ask = start(async () => {
      reads += 1;
      if (reads === 1) throw new Error('no such file');
      return '{}';
    });

    await expect(ask()).rejects.toThrow('no such file');
    await ask();
    await ask();
    expect(reads).toBe(2);
  });

  it('takes no parameters', async () => {
    await expect(start()({}, { version: '1' })).rejects.toMatchObject({
      code: 'invalid_parameter',
      extra: { parameter: 'version' },
    });
  });
});
