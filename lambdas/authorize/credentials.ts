// Where a request carries its secret: `x-api-key`, or `Authorization: Bearer`.

import { headerOf } from '../edge/http.ts';

const bearerPattern = /^Bearer +(\S+)$/i;

export function secretFrom(headers: Record<string, string | undefined> | null): string | undefined {
  const request = { headers: headers ?? {} };
  return headerOf(request, 'x-api-key') ?? bearerPattern.exec(headerOf(request, 'authorization') ?? '')?.[1];
}
