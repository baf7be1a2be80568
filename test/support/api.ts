// A client of the API for tests: fetch with one key. Every answer must be one that the OpenAPI document describes.

import { assertDocumented } from './documented.ts';
import { rememberSecret } from './logs.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field of an answer
  readonly json: any;
};

export type Api = {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
};

/** For changed code, and for a gateway that is not the twin's. */
export const anyAnswer = (): void => {};

export function createApi(
  url: string,
  apiKey?: string,
  assertAnswer: typeof assertDocumented = assertDocumented,
): Api {
  if (apiKey !== undefined) rememberSecret(apiKey);
  const call = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(apiKey ? { 'x-api-key': apiKey } : {}), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const { status } = response;
    assertAnswer(method, path, { status, headers: new Map(response.headers), body: text });
    return {
      status,
      headers: response.headers,
      json: text === '' ? undefined : isJson(response.headers) ? JSON.parse(text) : text,
    };
  };
  return {
    // What a test has just stored is to be seen.
    get: (path, headers = {}) => call('GET', path, { 'cache-control': 'no-cache', ...headers }),
    delete: (path, headers = {}) => call('DELETE', path, headers),
    post: (path, body, headers = {}) =>
      call(
        'POST',
        path,
        { 'content-type': 'application/json', ...headers },
        typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
      ),
  };
}

/** A table stays a text. */
const isJson = (headers: Headers): boolean => /json/.test(headers.get('content-type') ?? '');
