// Whether a client has an answer already (RFC 9110). Tags are compared weakly: a cache on the way may have made one weak.

import { type HttpRequest, headerValues } from './http.ts';

const strong = (tag: string): string => tag.trim().replace(/^W\//, '');

export const isKnownBy = (
  request: Pick<HttpRequest, 'headers' | 'multiValueHeaders'>,
  etag: string,
): boolean =>
  headerValues(request, 'if-none-match')
    .flatMap((line) => line.split(','))
    .some((tag) => tag.trim() === '*' || strong(tag) === strong(etag));
