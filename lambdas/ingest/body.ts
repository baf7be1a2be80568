// From the bytes of a request to a list of would-be events. Size is checked before anything is parsed.

import { maxBatchBytes, maxBatchEvents } from '../../domain/batch.ts';
import { type HttpRequest, headerOf, ProblemError } from '../shared/http.ts';

const jsonTypes = new Set(['application/json', 'text/json']);

export function readEvents(request: HttpRequest): readonly unknown[] {
  requireJson(request);
  const bytes = bytesOf(request);
  if (bytes.length > maxBatchBytes) throw new ProblemError('batch_too_large');
  const body = parse(bytes);
  const events = Array.isArray(body) ? body : [body];
  if (events.length > maxBatchEvents) throw new ProblemError('batch_too_large');
  return events;
}

function requireJson(request: HttpRequest): void {
  const type = headerOf(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  const encoding = headerOf(request, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
  const plain = encoding === 'identity' || encoding === '';
  if (!plain || (type !== undefined && !jsonTypes.has(type))) {
    throw new ProblemError('unsupported_media_type');
  }
}

const bytesOf = (request: HttpRequest): Buffer =>
  Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8');

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProblemError('invalid_json');
  }
}
