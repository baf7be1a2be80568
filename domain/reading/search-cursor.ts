// The cursor of a search: where it goes on, and for which question. It is signed for its tenant: one that was changed, or is
// of another tenant, is no cursor. What it holds are places, so that it does not grow with what was read.
//
//   bytes   12   1           rest
//           MAC  key number  JSON

import { createHash, timingSafeEqual } from 'node:crypto';
import { type Tenant, tenantKey } from '../keys.ts';
import { macOf } from '../signing/mac.ts';
import type { NumberedKey } from '../signing/signing-secrets.ts';
import { hourMs } from '../system/time.ts';
import type { SearchPosition } from './search-order.ts';
import type { Bounds } from './summary.ts';

export const cursorLifeMs = 24 * hourMs;

const macBytes = 12;
const headBytes = macBytes + 1;
const questionCharacters = 16;
const pattern = /^[A-Za-z0-9_-]{20,2000}$/;

/**
 * Within a minute that is read page by page, in no order: the list, counted as in `pageListsOf`, the page that was read last, and
 * the event of it that was answered last.
 */
export type MinutePlace = { readonly list: number; readonly page?: string; readonly after?: SearchPosition };

export type SearchPlace = { readonly position: SearchPosition; readonly minute?: MinutePlace };

export type SearchCursor = SearchPlace & {
  readonly bounds: Bounds;
  /** Of the account when the search began: an instance that knows of fewer reads these as well. */
  readonly slots: number;
  readonly madeAtMs: number;
  /** A digest of the parameters. */
  readonly question: string;
};

export const questionOf = (parameters: Readonly<Record<string, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(parameters).toSorted(([one], [other]) => (one < other ? -1 : 1))))
    .digest('base64url')
    .slice(0, questionCharacters);

export function makeCursor(cursor: SearchCursor, tenant: Tenant, key: NumberedKey): string {
  const body = Buffer.concat([Buffer.of(key.number), Buffer.from(JSON.stringify(cursor))]);
  return Buffer.concat([mac(body, tenant, key.secret), body]).toString('base64url');
}

/** The number of the platform key that signed it. Undefined if it is no cursor. */
export const keyNumberOfCursor = (text: string): number | undefined => bytesOf(text)?.[macBytes];

/** Undefined if it was not made for this tenant, in its present generation. */
export function readCursor(text: string, tenant: Tenant, secret: Uint8Array): SearchCursor | undefined {
  const bytes = bytesOf(text);
  if (!bytes) return undefined;
  const body = bytes.subarray(macBytes);
  if (!timingSafeEqual(bytes.subarray(0, macBytes), mac(body, tenant, secret))) return undefined;
  return JSON.parse(bytes.toString('utf8', headBytes)) as SearchCursor;
}

/** Only one spelling is valid: the last character can have bits to spare. */
function bytesOf(text: string): Buffer | undefined {
  if (!pattern.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length > headBytes && bytes.toString('base64url') === text ? bytes : undefined;
}

const mac = (body: Uint8Array, tenant: Tenant, secret: Uint8Array): Buffer =>
  macOf(secret, macBytes, `search#${tenantKey(tenant)}`, body);
