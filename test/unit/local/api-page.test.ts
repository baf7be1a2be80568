import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { problems } from '../../../domain/api/problems.ts';
import { routes } from '../../../domain/api/routes.ts';
import { renderApiPage } from '../../../local/api-page.ts';

const text = readFileSync('lambdas/openapi/openapi.json', 'utf8');
const page = renderApiPage(text, 'http://127.0.0.1:8787');

/** The tags that stay open, or are closed without having been opened. */
function unbalanced(html: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
    if (name === 'meta') continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the page of the API', () => {
  it.each(routes)('shows $method $path, and links to it', ({ method, path }) => {
    const name = `<b class="${method.toLowerCase()}">${method}</b> <code>${path}</code>`;

    expect(page.split(name)).toHaveLength(3);
  });

  it.each(Object.keys(problems).filter((code) => code !== 'not_found'))('shows %s', (code) => {
    expect(page).toContain(`<code>${code}</code>`);
  });

  it('needs nothing but itself: no script, no picture, no style from elsewhere', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe)|@import|url\(/);
    expect([...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, to]) => to)).toEqual(['/v1/openapi.json']);
  });

  it('is wide enough for a phone, and as light or dark as its reader has it', () => {
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(page).toContain('color-scheme: light dark');
  });

  it('closes what it opens', () => {
    expect(unbalanced(page)).toEqual([]);
  });

  it.each([
    ['a key', 'curl -s &quot;$URL/v1/keys&quot; -H &quot;x-api-key: $KEY&quot;'],
    ['a required parameter', '/v1/accounts/demo/series?interval=hour'],
    ['a body', `-d '{&quot;scopes&quot;:[&quot;ingest&quot;],&quot;expires_in&quot;:&quot;90d&quot;}'`],
    ['a path that is encoded', '/v1/members/eve%40example.com'],
    ['a token, where no key may', '-H &quot;authorization: Bearer $TOKEN&quot;'],
    ['no key, where none is needed', 'curl -s --head &quot;$URL/health&quot;</pre>'],
  ])('has commands with %s', (_what, command) => {
    expect(page).toContain(command);
  });

  it('shows what the document says as text, and never as markup', () => {
    const hostile = text.replaceAll('Who changed what', '<script>alert(1)</script>');

    expect(renderApiPage(hostile, 'http://127.0.0.1:8787')).not.toContain('<script');
  });
});
