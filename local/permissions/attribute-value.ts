// A key of DynamoDB as it stands in a policy.

import { isJsonRecord } from '../json-record.ts';

/** Undefined where it is no text, number or bytes, which is all that a key may be. */
export function textOfKey(attribute: unknown): string | undefined {
  if (!isJsonRecord(attribute)) return undefined;
  const value = attribute.S ?? attribute.N ?? attribute.B;
  return value === undefined ? undefined : String(value);
}
