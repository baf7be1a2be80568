// GET /v1/openapi.json: the document of lambdas/openapi, printed. It lies beside the code of the function and is read when
// somebody asks for it, so that no other request pays for it.

import { createHash } from 'node:crypto';
import { isKnownBy } from '../edge/etag.ts';
import { type HttpAnswer, type HttpRequest, requestIdOf } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';

export type OpenApiDeps = { readonly readOpenApi: () => Promise<string> };

/** A new version reaches clients after so long at the latest. */
const cacheControl = 'public, max-age=300';

type Known = { readonly text: string; readonly etag: string };

export function createOpenApi({ readOpenApi }: OpenApiDeps): (request: HttpRequest) => Promise<HttpAnswer> {
  let known: Known | undefined;
  const load = async (): Promise<Known> => {
    const text = await readOpenApi();
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"` };
  };
  return async (request) => {
    queryOf(request, 'GET /v1/openapi.json');
    known ??= await load();
    const { text, etag } = known;
    const headers = { 'x-request-id': requestIdOf(request), etag, 'cache-control': cacheControl };
    return isKnownBy(request, etag)
      ? { statusCode: 304, headers, body: '' }
      : { statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body: text };
  };
}
