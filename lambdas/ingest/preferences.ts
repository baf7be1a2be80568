// Preferences of the client (RFC 7240). With `Prefer: handling=strict` one invalid event refuses the whole batch.

import { type HttpRequest, headerValues } from '../edge/http.ts';

export function wantsStrict(request: Pick<HttpRequest, 'headers' | 'multiValueHeaders'>): boolean {
  const preferences = headerValues(request, 'prefer').join().toLowerCase().split(',');
  // The first one counts.
  const handling = preferences.map((each) => /^\s*handling\s*=\s*"?([a-z]+)"?\s*(?:;|$)/.exec(each)?.[1]);
  return handling.find((value) => value !== undefined) === 'strict';
}

export const strictApplied = { 'preference-applied': 'handling=strict' } as const;
