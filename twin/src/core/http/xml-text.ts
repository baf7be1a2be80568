// Text in XML and HTML: for the services whose protocol is XML, and for pages.

/** Also within an attribute. */
export const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (each) => escapes[each] ?? each);

export function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (entity) => entities[entity] ?? entity);
}

/** The text of the first element of that name; empty where there is none. */
export function textIn(xml: string, tag: string): string {
  return unescapeXml(new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '');
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
};

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
