// Finds e-mail addresses in a text, in any script, with `@` or `%40` as in URLs. It searches a bounded stretch around
// each at sign, so that the time grows linearly with the length of the text.

import type { TextSpan } from './text-span.ts';

// RFC 5321 allows more characters in a name. Those that separate parts of URLs and sentences (/ ? = & # and others)
// are left out, so that the match is only the address. What follows the last letter of the top-level domain does not
// matter.
const atSign = '(?:@|%40)';
const name = "[\\p{L}\\p{M}\\p{N}._%+'-]{1,64}";
const label = '[\\p{L}\\p{M}\\p{N}_-]{1,63}';
const topLevel = '(?:[xX][nN]--[A-Za-z0-9-]{1,59}|[\\p{L}\\p{M}]{2,63})';

/** Matches from at sign to at sign. A look-behind reads the name, because matching it forwards would backtrack. */
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
