// The body of a request, decompressed. One that is too large is refused before it is decoded, and decompression stops at
// the limit, so that a decompression bomb costs nothing.

import { gunzipSync } from 'node:zlib';
import { maxBatchBytes } from '../../../domain/event/batch.ts';
import { type HttpRequest, headerOf, ProblemError } from '../../edge/http.ts';

export type Body = { readonly bytes: Buffer; readonly contentType: string };

export type BodyRules = {
  readonly mostEvents: number;
  /** After decompression. Absent: those of a batch of Weir's own. */
  readonly mostBytes?: number;
  /** In lower case and without parameters. The first is that of a request that names none. Absent: any. */
  readonly contentTypes?: readonly [string, ...string[]];
  /** Told with a 415. Absent: that of the problem. */
  readonly contentTypeDetail?: string;
  /** A request says what it means in its headers. Absent: a body that is empty is a mistake. */
  readonly mayBeEmpty?: true;
};

const encodings = new Set(['', 'identity', 'gzip', 'x-gzip']);
const charsets = new Set(['utf-8', 'utf8', 'us-ascii']);

/** A body that does not compress grows by a few bytes in each 32 KiB. */
const maxGrownBytes = 1024;

export function tooLarge({ mostEvents, mostBytes = maxBatchBytes }: BodyRules): ProblemError {
  const most = `${mostEvents} events and ${mostBytes / 1024} KiB`;
  const detail = `A batch holds at most ${most} after decompression. Split it and send the parts.`;
  return new ProblemError('batch_too_large', { detail });
}

export function readBody(request: HttpRequest, rules: BodyRules): Body {
  const { contentTypes, contentTypeDetail, mayBeEmpty, mostBytes = maxBatchBytes } = rules;
  const contentType = contentTypeOf(request) ?? contentTypes?.[0] ?? '';
  if (contentTypes && !contentTypes.includes(contentType)) {
    const detail = contentTypeDetail !== undefined && { detail: contentTypeDetail };
    throw new ProblemError('unsupported_media_type', { ...detail, header: 'content-type' });
  }
  requireEncoding(request);
  const sent = sentBytes(request, mostBytes + maxGrownBytes);
  const bytes = sent && decompressed(sent, mostBytes);
  if (!bytes || bytes.length > mostBytes) throw tooLarge(rules);
  if (bytes.length === 0 && !mayBeEmpty) throw new ProblemError('empty_body');
  return { bytes, contentType };
}

/** In lower case and without parameters. Undefined if the request names none. */
function contentTypeOf(request: HttpRequest): string | undefined {
  const header = headerOf(request, 'content-type');
  if (header === undefined) return undefined;
  const [type = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  if (charset !== undefined && !charsets.has(charset.replaceAll('"', '')))
    throw new ProblemError('unsupported_media_type', { header: 'content-type' });
  return type;
}

function requireEncoding(request: HttpRequest): void {
  const encoding = headerOf(request, 'content-encoding')?.trim().toLowerCase() ?? '';
  if (!encodings.has(encoding))
    throw new ProblemError('unsupported_media_type', { header: 'content-encoding' });
}

/** Undefined if there are more. */
function sentBytes({ body, isBase64Encoded }: HttpRequest, mostBytes: number): Buffer | undefined {
  const text = body ?? '';
  const leastBytes = isBase64Encoded ? Math.floor((text.length * 3) / 4) - 2 : text.length;
  if (leastBytes > mostBytes) return undefined;
  return Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8');
}

/**
 * Recognizes gzip by its first bytes, which neither JSON nor UTF-8 starts with. The header does not tell: a gateway that
 * decompresses a body leaves the header as it was. Undefined if there are more bytes.
 */
function decompressed(bytes: Buffer, mostBytes: number): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new ProblemError('invalid_gzip');
  }
}
