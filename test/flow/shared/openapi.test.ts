// What the platform says of its own API: as a document, and in the twin as a page.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { createApi } from '../../support/api.ts';
import { it } from '../../support/shared-weir.ts';

it('anybody is answered the document of the repository, once', async ({ weir: { twin } }) => {
  const api = createApi(twin.url);
  const { status, headers, json } = await api.get('/v1/openapi.json');

  expect(status).toBe(200);
  expect(json).toEqual(JSON.parse(readFileSync('lambdas/openapi/openapi.json', 'utf8')));
  const again = await api.get('/v1/openapi.json', { 'if-none-match': headers.get('etag') ?? '' });
  expect(again).toMatchObject({ status: 304, json: undefined });
});

it('its address is the one that its paths begin at', async ({ weir: { twin } }) => {
  const at = `${twin.url}/v1/openapi.json`;
  const { servers } = (await createApi(twin.url).get('/v1/openapi.json')).json;

  expect(new URL(servers[0].url, at).href).toBe(`${twin.url}/`);
});

it('a parameter that it does not take is named', async ({ weir: { twin } }) => {
  const { status, json } = await createApi(twin.url).get('/v1/openapi.json?version=2');

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: 'invalid_parameter', parameter: 'version' });
});

it('the twin shows it as a page that loads and runs nothing', async ({ weir: { twin } }) => {
  const answer = await fetch(`${twin.url}/_weir/api`);
  const page = await answer.text();

  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page).toContain('<code>/v1/accounts/{account_id}/summary</code>');
  expect(page).toContain(`<code>URL=${twin.url}</code>`);
});
