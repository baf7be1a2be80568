// What HTTP takes as a header. Node throws at any other when it is already answering, which would drop the connection.

import { validateHeaderName, validateHeaderValue } from 'node:http';

export function isHeaderName(name: string): boolean {
  return passes(() => validateHeaderName(name));
}

export function isHeaderValue(value: string): boolean {
  return passes(() => validateHeaderValue('any', value));
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
