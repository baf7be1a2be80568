// AWS calls that a service makes itself, such as an event source mapping that reads a stream. They pass the same steps as
// calls of functions, so they are counted and can be made to fail.

import { EngineRefused, type JsonService, jsonHeaders, signedHeaders } from '../engine-call.ts';
import { AnswerLost, type AwsAnswer, type AwsCall, type Next } from './aws-call.ts';
import { bodyOf, type Json, jsonBody } from './json-body.ts';

export type OwnCalls = {
  /** One call in AWS's JSON protocol. Rejects with EngineRefused. */
  json<Answer>(service: JsonService, operation: string, input: Json): Promise<Answer>;
  putObject(bucket: string, key: string, body: string): Promise<void>;
  /** One call in AWS's query protocol, whose answer says nothing of interest. */
  form(service: string, input: URLSearchParams): Promise<void>;
};

type Own = Pick<AwsCall, 'service' | 'operation' | 'method' | 'url' | 'body'> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** The path of an object in S3's protocol. */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

export function createOwnCalls(send: Next, caller: string): OwnCalls {
  const ask = async (call: Own): Promise<AwsAnswer> => {
    const answer = await send({
      ...call,
      caller,
      headers: { ...signedHeaders(call.service), ...call.headers },
    }).catch((error: Error) => {
      throw error instanceof AnswerLost
        ? new EngineRefused(call.operation, 'AnswerLost', 'the connection was cut')
        : error;
    });
    if (answer.status < 300) return answer;
    const { __type, message, Message } = (jsonBody(answer.body) ?? {}) as Record<string, string | undefined>;
    const code = __type?.split('#').at(-1) ?? `HTTP ${answer.status}`;
    throw new EngineRefused(call.operation, code, message ?? Message ?? answer.body.toString());
  };
  const post = { method: 'POST', url: '/' } as const;
  return {
    json: async <Answer>(service: JsonService, operation: string, input: Json) => {
      const headers = jsonHeaders(service, operation);
      const answer = await ask({ ...post, service, operation, headers, body: bodyOf(input) });
      return (jsonBody(answer.body) ?? {}) as Answer;
    },
    putObject: async (bucket, key, body) => {
      await ask({
        method: 'PUT',
        url: `${objectPath(bucket, key)}?x-id=PutObject`,
        service: 's3',
        operation: 'PutObject',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(body),
      });
    },
    form: async (service, input) => {
      await ask({
        ...post,
        service,
        operation: input.get('Action') ?? 'unknown',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: Buffer.from(input.toString()),
      });
    },
  };
}
