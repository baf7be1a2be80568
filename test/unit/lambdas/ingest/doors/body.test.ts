import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { maxBatchBytes } from '../../../../../domain/event/batch.ts';
import { ProblemError } from '../../../../../lambdas/edge/http.ts';
import { readBody } from '../../../../../lambdas/ingest/doors/body.ts';
import { eventsDoor } from '../../../../../lambdas/ingest/doors/events.ts';
import { httpRequest } from '../../../../support/requests.ts';

const json = '[{"type":"login","service":"grüße"}]';
const read = (bytes: Uint8Array | string, headers: Record<string, string> = {}) =>
  readBody(
    httpRequest({
      ...(typeof bytes === 'string'
        ? { body: bytes }
        : { body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true }),
      headers: { 'Content-Type': 'application/json', ...headers },
    }),
    eventsDoor,
  );
const refusalBy = (mostBytes: number, bytes: Buffer) => {
  try {
    return readBody(httpRequest({ body: bytes.toString('base64'), isBase64Encoded: true }), {
      mostEvents: 7,
      mostBytes,
    }).bytes.length;
  } catch (error) {
    return error instanceof ProblemError ? error.extra.detail : error;
  }
};
const refusal = (bytes: Uint8Array | string, headers: Record<string, string> = {}) => {
  try {
    read(bytes, headers);
    return 'read';
  } catch (error) {
    return error instanceof ProblemError ? error.code : error;
  }
};
const jsonOf = (bytes: number) => Buffer.alloc(bytes, ' ');

describe('a body is read', () => {
  it.each<[string, Uint8Array | string, Record<string, string>]>([
    ['as text', json, {}],
    ['in base64, as API Gateway passes binary', Buffer.from(json), {}],
    ['compressed, as raw bytes', gzipSync(json), { 'Content-Encoding': 'gzip' }],
    ['compressed under its other name', gzipSync(json), { 'content-encoding': 'X-GZIP' }],
    ['compressed, without a content-encoding', gzipSync(json), {}],
    [
      'with a content-encoding, although the gateway has decompressed it',
      Buffer.from(json),
      { 'Content-Encoding': 'gzip' },
    ],
    ['in two members of gzip', Buffer.concat([gzipSync(json.slice(0, 9)), gzipSync(json.slice(9))]), {}],
    ['with the encoding identity', json, { 'Content-Encoding': 'identity' }],
  ])('%s', (_, bytes, headers) => {
    expect(read(bytes, headers).bytes.toString()).toBe(json);
  });

  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON; charset=UTF-8', 'application/json'],
    ['text/json', 'text/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['application/x-ndjson;charset="utf-8"', 'application/x-ndjson'],
    ['application/ndjson', 'application/ndjson'],
  ])('of type %s as %s', (type, plain) => {
    expect(read(json, { 'Content-Type': type }).contentType).toBe(plain);
  });

  it('as JSON if it has no content type', () => {
    expect(readBody(httpRequest({ body: json, headers: {} }), eventsDoor).contentType).toBe(
      'application/json',
    );
  });

  it('up to 512 KiB, plain or compressed', () => {
    expect(read(jsonOf(maxBatchBytes)).bytes).toHaveLength(maxBatchBytes);
    expect(read(gzipSync(jsonOf(maxBatchBytes))).bytes).toHaveLength(maxBatchBytes);
  });

  it.each([jsonOf, (bytes: number) => gzipSync(jsonOf(bytes))])('up to what its door takes', (make) => {
    const most = 600 * 1024;
    expect(refusalBy(most, make(most))).toBe(most);
    expect(refusalBy(most, make(most + 1))).toBe(
      'A batch holds at most 7 events and 600 KiB after decompression. Split it and send the parts.',
    );
  });

  it('if it does not compress and gzip made it longer', () => {
    const noise = Buffer.from(Array.from({ length: maxBatchBytes }, (_, index) => (index * 7919) >> 3));
    expect(read(gzipSync(noise, { level: 0 })).bytes.equals(noise)).toBe(true);
  });
});

describe('a body is refused', () => {
  it.each<[string, Uint8Array | string, Record<string, string>, string]>([
    ['that is empty', '', {}, 'empty_body'],
    ['that is compressed and empty', gzipSync(''), {}, 'empty_body'],
    ['of 512 KiB + 1', jsonOf(maxBatchBytes + 1), {}, 'batch_too_large'],
    ['of 512 KiB + 1 when decompressed', gzipSync(jsonOf(maxBatchBytes + 1)), {}, 'batch_too_large'],
    ['of 512 KiB + 1 as text', jsonOf(maxBatchBytes + 1).toString(), {}, 'batch_too_large'],
    ['that is a gzip bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)), {}, 'batch_too_large'],
    ['that is truncated gzip', gzipSync(json).subarray(0, 20), {}, 'invalid_gzip'],
    ['that is damaged gzip', Buffer.concat([gzipSync(json).subarray(0, 12), jsonOf(20)]), {}, 'invalid_gzip'],
    ['that is gzip by its first two bytes only', Buffer.from([0x1f, 0x8b]), {}, 'invalid_gzip'],
    ['of another encoding', json, { 'Content-Encoding': 'br' }, 'unsupported_media_type'],
    ['of deflate', deflateSync(json), { 'Content-Encoding': 'deflate' }, 'unsupported_media_type'],
    ['of two encodings', gzipSync(json), { 'Content-Encoding': 'gzip, gzip' }, 'unsupported_media_type'],
    ['of another type', json, { 'Content-Type': 'text/csv' }, 'unsupported_media_type'],
    [
      'of a type with the name of an inherited property',
      json,
      { 'Content-Type': 'constructor' },
      'unsupported_media_type',
    ],
    [
      'as a form, which is the default of curl',
      json,
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      'unsupported_media_type',
    ],
    [
      'in another charset',
      json,
      { 'Content-Type': 'application/json; charset=latin1' },
      'unsupported_media_type',
    ],
  ])('%s', (_, bytes, headers, code) => {
    expect(refusal(bytes, headers)).toBe(code);
  });

  it('before it is decoded, if it is far too long', () => {
    const request = httpRequest({ isBase64Encoded: true, body: 'not base64!'.repeat(1_000_000) });
    expect(() => readBody(request, eventsDoor)).toThrow('batch_too_large');
  });
});
