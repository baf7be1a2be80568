// The twin's own pages beside the API. Each service brings its own; here they are found, guarded and answered as JSON or HTML.

import type { IncomingMessage } from 'node:http';
import {
  type HttpAnswer,
  htmlForPeople,
  jsonForPeople,
  problemForPeople,
  textOf,
} from '../core/http/http-answer.ts';
import { BodyTooLarge, readBody } from '../core/http/read-body.ts';

/** Answers with what JSON can hold, or with the text of a page of HTML or of another type; may throw WrongInput or PageProblem. */
export type Page = {
  readonly about: string;
  readonly isHtml?: true;
  readonly contentType?: string;
  /** `input` is the body. */
  readonly answer: (input: string, query: URLSearchParams) => unknown;
};
/** By method and path below the prefix, such as `GET /clock`. */
export type Pages = Readonly<Record<string, Page>>;

/** What was sent to a page is not what it takes; the message says what it does. */
export class WrongInput extends Error {
  override readonly name = 'WrongInput';
}

/** A page answers with another status than 200; as a problem document. */
export class PageProblem extends Error {
  override readonly name = 'PageProblem';
  readonly status: number;
  readonly problem: object;
  constructor(status: number, problem: object) {
    super(`A page answers ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

export class InvalidPagesPath extends Error {
  override readonly name = 'InvalidPagesPath';
  constructor(path: string) {
    super(`pagesPath "${path}" is not a path such as "/_twin": begin with "/", and end without one.`);
  }
}

const maxInputBytes = 200_000;
const pathPattern = /^(\/[\w.~-]+)+$/;

/** Under a prefix such as `/_twin`. */
export function createPages(prefix: string, pages: Pages) {
  if (!pathPattern.test(prefix)) throw new InvalidPagesPath(prefix);
  const byName = new Map(
    Object.entries(pages).map(([name, page]) => [name.replace(' ', ` ${prefix}`), page] as const),
  );
  const index = Object.fromEntries([...byName].map(([name, { about }]) => [name, about]));
  /** Undefined where the path is none of the twin's own. */
  return (request: IncomingMessage): Promise<HttpAnswer> | undefined => {
    const [path = '', query = ''] = (request.url ?? '/').split('?');
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return undefined;
    if (isForeign(request))
      return Promise.resolve(jsonForPeople(403, { error: 'This page is not for other origins.' }));
    const page = byName.get(`${request.method} ${path}`);
    return page === undefined
      ? Promise.resolve(jsonForPeople(path.replace(/\/$/, '') === prefix ? 200 : 404, { pages: index }))
      : open(page, request, new URLSearchParams(query));
  };
}

/**
 * Any page in a browser may send a form here, but only a page of this machine may have what it asks for. A name other than
 * of loopback is a foreign one that was made to lead here.
 */
function isForeign({ headers }: IncomingMessage): boolean {
  const { host = '', origin } = headers;
  const isOfThisMachine = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
  return !isOfThisMachine || (origin !== undefined && origin !== `http://${host}`);
}

async function open(page: Page, request: IncomingMessage, query: URLSearchParams): Promise<HttpAnswer> {
  try {
    const answer = await page.answer((await readBody(request, maxInputBytes)).toString(), query);
    if (page.contentType !== undefined) return textOf(page.contentType, String(answer));
    return page.isHtml ? htmlForPeople(String(answer)) : jsonForPeople(200, answer ?? {});
  } catch (error) {
    if (error instanceof WrongInput || error instanceof BodyTooLarge)
      return jsonForPeople(400, { error: error.message });
    if (error instanceof PageProblem) return problemForPeople(error.status, error.problem);
    throw error;
  }
}
