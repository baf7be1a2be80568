// Calls to an engine itself, past the proxy, such as those that make the template's resources. Engines want the form of
// a signed request and check no signature.

import { type Agent, request as httpRequest } from 'node:http';
import { twinAccount } from '../template/pseudo-parameters.ts';

export class EngineRefused extends Error {
  override readonly name = 'EngineRefused';
  readonly code: string;
  constructor(operation: string, code: string, message: string) {
    super(`${operation}: ${code}: ${message}`);
    this.code = code;
  }
}

/** Its endpoint is known once it has started. */
export type Engine = { readonly endpoint: string };

export type EngineRequest = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly agent?: Agent;
};

export function authorizationFor(service: string, caller: string): string {
  const date = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${caller}/${date}/${twinAccount.region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
}

/** The form of a signature: engines ask for no more. */
export function signedHeaders(service: string): Readonly<Record<string, string>> {
  return {
    authorization: authorizationFor(service, 'WEIRTWIN'),
    'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
  };
}

export function sendToEngine(
  endpoint: string,
  call: EngineRequest,
): Promise<{ status: number; text: string; etag: string | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      new URL(call.path, endpoint),
      {
        method: call.method,
        ...(call.agent && { agent: call.agent }),
        headers: {
          ...signedHeaders(call.service),
          'content-length': Buffer.byteLength(call.body),
          ...call.headers,
        },
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text, etag: incoming.headers.etag }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}

const targets = {
  dynamodb: { prefix: 'DynamoDB_20120810', version: '1.0' },
  dynamodbstreams: { prefix: 'DynamoDBStreams_20120810', version: '1.0' },
  kinesis: { prefix: 'Kinesis_20131202', version: '1.1' },
  sqs: { prefix: 'AmazonSQS', version: '1.0' },
} as const;
export type JsonService = keyof typeof targets;

export function jsonHeaders(service: JsonService, operation: string): Readonly<Record<string, string>> {
  const { prefix, version } = targets[service];
  return {
    'content-type': `application/x-amz-json-${version}`,
    'x-amz-target': `${prefix}.${operation}`,
  };
}

/** One call in AWS's JSON protocol; refusals carry the code of the service. */
export async function callEngine<Answer>(
  endpoint: string,
  service: JsonService,
  operation: string,
  input: unknown,
  agent?: Agent,
): Promise<Answer> {
  const { status, text } = await sendToEngine(endpoint, {
    method: 'POST',
    path: '/',
    service,
    headers: jsonHeaders(service, operation),
    body: JSON.stringify(input),
    ...(agent && { agent }),
  });
  if (status === 200) return (text === '' ? {} : JSON.parse(text)) as Answer;
  const failure = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
  const code = failure.__type?.split('#').at(-1) ?? `HTTP ${status}`;
  throw new EngineRefused(operation, code, failure.message ?? failure.Message ?? text);
}
