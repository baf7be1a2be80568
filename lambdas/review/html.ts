// HTML as text. What is put into it is escaped, unless it is HTML made here: notes are written by people, and names come from
// outside.

export type Html = { readonly html: string };
type Part = Html | readonly Html[] | string | number;

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, index) => text + rendered(parts[index])).join('') };
}

/** For what only this code makes, such as the path of a line. */
export const trusted = (text: string): Html => ({ html: text });

function rendered(part: Part | undefined): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map((each) => each.html).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (each) => entities[each] ?? '');
