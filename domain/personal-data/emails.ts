// Finds e-mail addresses in a text, in any script, also with the `@` as a URL carries it (%40). Looks around each at
// sign for a bounded stretch, so that the time grows with the length of the text and not with its square.

import type { TextSpan } from './text-span.ts';

// The characters that RFC 5321 allows besides are left out where they stand between things in URLs and sentences
// (/ ? = & # and the like), so that only the address is found there. What follows the last letter of the top-level
// domain does not matter.
const atSign = '(?:@|%40)';
const name = "[\\p{L}\\p{M}\\p{N}._%+'-]{1,64}";
const label = '[\\p{L}\\p{M}\\p{N}_-]{1,63}';
const topLevel = '(?:[xX][nN]--[A-Za-z0-9-]{1,59}|[\\p{L}\\p{M}]{2,63})';

/** Goes from sign to sign; the name before it is looked up backwards, since it is there that attempts would pile up. */
const address = new RegExp(`${atSign}(?<=(${name})${atSign})(?:${label}\\.){1,8}${topLevel}`, 'gu');

const none: readonly TextSpan[] = [];

export function findEmails(text: string): readonly TextSpan[] {
  if (!text.includes('@') && !text.includes('%40')) return none;
  const found: TextSpan[] = [];
  for (const match of text.matchAll(address)) {
    found.push({ start: match.index - (match[1]?.length ?? 0), end: match.index + match[0].length });
  }
  return found.length === 0 ? none : found;
}
