// The twin's own pages beside the API, under /_weir/. Each part of the twin brings its own; here they are found,
// guarded and answered as JSON.

import type { IncomingMessage } from 'node:http';
import { BodyTooLarge, readBody } from '../core/http/read-body.ts';
import type { GatewayAnswer } from '../services/api-gateway/gateway-responses.ts';

/** Answers with what JSON can hold; may throw WrongInput. */
export type Page = { readonly about: string; readonly answer: (input: string) => unknown };
/** By method and path, such as `GET /_weir/clock`. */
export type Pages = Readonly<Record<string, Page>>;

/** What was sent to a page is not what it takes; the message says what it does. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
}

const maxInputBytes = 200_000;

export function createPages(pages: Pages) {
  const index = Object.fromEntries(Object.entries(pages).map(([name, { about }]) => [name, about]));
  /** Undefined where the path is none of the twin's own. */
  return (request: IncomingMessage): Promise<GatewayAnswer> | undefined => {
    const path = (request.url ?? '/').split('?')[0] ?? '';
    if (path !== '/_weir' && !path.startsWith('/_weir/')) return undefined;
    if (isForeign(request))
      return Promise.resolve(json(403, { error: 'This page is not for other origins.' }));
    const page = pages[`${request.method} ${path}`];
    return page === undefined
      ? Promise.resolve(json(path.replace(/\/$/, '') === '/_weir' ? 200 : 404, { pages: index }))
      : open(page, request);
  };
}

/** Any page in a browser may send a form here; only the twin's own may have what it asks for. */
function isForeign({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

async function open(page: Page, request: IncomingMessage): Promise<GatewayAnswer> {
  try {
    return json(200, (await page.answer((await readBody(request, maxInputBytes)).toString())) ?? {});
  } catch (error) {
    if (error instanceof WrongInput || error instanceof BodyTooLarge)
      return json(400, { error: error.message });
    throw error;
  }
}

function json(status: number, value: unknown): GatewayAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`),
  };
}
