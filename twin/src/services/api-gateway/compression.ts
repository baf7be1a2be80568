// Compressed bodies. What a request's Content-Encoding names is undone before anybody sees the body, and that header
// stays, as callers of functions have found; answers are compressed where the template sets a minimum size.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html

import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import type { HttpAnswer } from '../../core/http/http-answer.ts';
import type { ApiDefinition } from './api-definition.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';

type Coding = {
  readonly compress: (body: Buffer) => Promise<Buffer>;
  readonly decompress: (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
};

const codings: ReadonlyMap<string, Coding> = new Map([
  ['gzip', { compress: promisify(gzip), decompress: promisify(gunzip) }],
  ['deflate', { compress: promisify(deflate), decompress: promisify(inflate) }],
]);

type Settings = Pick<ApiDefinition, 'minimumCompressionBytes'>;

export async function decompressRequest(
  body: Buffer,
  exchange: Exchange,
  { minimumCompressionBytes = 0 }: Settings,
  maxBytes: number,
): Promise<Buffer> {
  const name = headerOf(exchange, 'content-encoding')?.trim().toLowerCase() || 'identity';
  if (name === 'identity' || body.byteLength === 0) return body;
  const coding = codings.get(name);
  if (coding === undefined) throw new GatewayRefusal('UNSUPPORTED_MEDIA_TYPE');
  // "If the payload size is smaller than this value, compression or decompression are not applied."
  if (body.byteLength < minimumCompressionBytes) return body;
  try {
    return await coding.decompress(body, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new GatewayRefusal(isTooLarge ? 'REQUEST_TOO_LARGE' : 'UNSUPPORTED_MEDIA_TYPE');
  }
}

export async function compressAnswer(
  answer: HttpAnswer,
  exchange: Exchange,
  { minimumCompressionBytes }: Settings,
): Promise<HttpAnswer> {
  const name = firstChoice(headerOf(exchange, 'accept-encoding') ?? '');
  const coding = codings.get(name);
  if (
    coding === undefined ||
    minimumCompressionBytes === undefined ||
    answer.body.byteLength < minimumCompressionBytes ||
    'content-encoding' in answer.headers
  )
    return answer;
  return {
    ...answer,
    headers: { ...answer.headers, 'content-encoding': name },
    body: await coding.compress(answer.body),
  };
}

/** Only the coding of the highest priority counts, and `*` names none. */
function firstChoice(acceptEncoding: string): string {
  const choices = acceptEncoding.split(',').map((choice) => {
    const [name = '', weight] = choice.toLowerCase().split(';');
    return { name: name.trim(), weight: Number(/q=([\d.]+)/.exec(weight ?? '')?.[1] ?? 1) };
  });
  const [first] = choices.toSorted((left, right) => right.weight - left.weight);
  return first === undefined || first.weight === 0 ? '' : first.name;
}
