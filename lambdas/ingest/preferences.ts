// What the client prefers (RFC 7240): `Prefer: handling=strict` refuses a batch as a whole for any invalid event.

import { type HttpRequest, headerValues } from '../edge/http.ts';

export function wantsStrict(request: Pick<HttpRequest, 'headers' | 'multiValueHeaders'>): boolean {
  const preferences = headerValues(request, 'prefer').join().toLowerCase().split(',');
  // The first of two that contradict each other counts.
  const handling = preferences.map((each) => /^\s*handling\s*=\s*"?([a-z]+)"?\s*(?:;|$)/.exec(each)?.[1]);
  return handling.find((value) => value !== undefined) === 'strict';
}

export const strictApplied = { 'preference-applied': 'handling=strict' } as const;
