// An answer byte for byte, but for what differs from request to request: its id and the time.

import { request } from 'node:http';
import { assertDocumented } from './documented.ts';

export type ExactRequest = {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export const withHeaders = (
  request: ExactRequest,
  headers: Readonly<Record<string, string>>,
): ExactRequest => ({ ...request, headers: { ...request.headers, ...headers } });

/** Names of headers as they are sent, in their order. */
export type ExactAnswer = {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** Each request has its own values of them. That they are there is compared. */
const ownHeaders =
  /^(date|x-request-id|x-amzn-requestid|x-amz-apigw-id|x-amzn-trace-id|x-ratelimit-reset|x-weir-age)$/i;

export function askExactly(
  url: string,
  { method, path, body, headers = {} }: ExactRequest,
): Promise<ExactAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('error', reject);
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const id = String(answer.headers['x-request-id'] ?? '');
        const text = Buffer.concat(chunks).toString('utf8');
        const status = answer.statusCode ?? 0;
        const seen = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
        try {
          assertDocumented(method, path, { status, headers: new Map(seen), body: text });
        } catch (error) {
          return reject(error);
        }
        resolve({
          status,
          headers: Object.entries(answer.headersDistinct)
            .flatMap(([name, values = []]) => values.map((value) => [name, value] as const))
            .map(([name, value]) => [name, ownHeaders.test(name) ? '(its own)' : value] as const)
            .toSorted(([one], [other]) => (one < other ? -1 : 1)),
          body: id === '' ? text : text.replaceAll(id, '(request id)'),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Without the times and batch ids that a caller's own answer has, and how old it is. */
export const timeless = (answer: ExactAnswer): ExactAnswer => ({
  ...answer,
  headers: answer.headers.map(([name, value]) => [name, value.replace(/max-age=\d+/, 'max-age=(time)')]),
  body: answer.body
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(time)')
    .replace(/"[A-Za-z0-9_-]{46}"/g, '"(batch)"'),
});
