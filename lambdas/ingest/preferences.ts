// What the client prefers (RFC 7240): `Prefer: handling=strict` refuses a batch as a whole for any invalid event.

import { type HttpRequest, headerOf } from '../shared/http.ts';

export function wantsStrict(request: Pick<HttpRequest, 'headers'>): boolean {
  const preferences = (headerOf(request, 'prefer') ?? '').toLowerCase().split(',');
  // The first of two that contradict each other counts.
  const handling = preferences.map((each) => /^\s*handling\s*=\s*"?([a-z]+)"?\s*(?:;|$)/.exec(each)?.[1]);
  return handling.find((value) => value !== undefined) === 'strict';
}

export const strictApplied = { 'preference-applied': 'handling=strict' } as const;
