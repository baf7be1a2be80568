// Headings, lists, bold, code, links and paragraphs: what texts of dashboards usually have. All else is shown as it is written.

import { escapeXml } from '../../../core/http/xml-text.ts';

export function renderMarkdown(markdown: string): string {
  const html: string[] = [];
  let paragraph: string[] = [];
  let items: string[] = [];
  const close = () => {
    if (paragraph.length > 0) html.push(`<p>${inline(paragraph.join(' '))}</p>`);
    if (items.length > 0) html.push(`<ul>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`);
    paragraph = [];
    items = [];
  };
  for (const line of markdown.split('\n')) {
    const heading = /^#+ (.*)$/.exec(line);
    const item = /^[-*] (.*)$/.exec(line);
    if (heading !== null || line.trim() === '' || (item !== null && paragraph.length > 0)) close();
    if (heading !== null) html.push(`<h2>${inline(heading[1] ?? '')}</h2>`);
    else if (item !== null) items.push(item[1] ?? '');
    else if (line.trim() !== '' && items.length > 0) items.push(`${items.pop()} ${line.trim()}`);
    else if (line.trim() !== '') paragraph.push(line);
  }
  close();
  return html.join('');
}

const inline = (text: string): string =>
  escapeXml(text)
    .replaceAll(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]+)\]\((https:[^)\s]+)\)/g, '<a href="$2">$1</a>');
