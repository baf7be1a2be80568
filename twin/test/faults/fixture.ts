// Faults in a real proxy, before an engine of tests that remembers what reached it.

import { createServer } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Clock, createClock } from '../../src/core/clock.ts';
import { authorizationFor } from '../../src/core/engine-call.ts';
import { close, listen } from '../../src/core/http/listen.ts';
import { readBody } from '../../src/core/http/read-body.ts';
import type { AwsCall } from '../../src/core/proxy/aws-call.ts';
import { createCallMeter } from '../../src/core/proxy/call-meter.ts';
import { createCallers } from '../../src/core/proxy/identify.ts';
import { Faults } from '../../src/faults/faults.ts';
import { connectedProxy } from '../fixture.ts';

export type Received = { readonly target: string; readonly input: Record<string, unknown> };

export type FaultyProxy = Awaited<ReturnType<typeof startFaultyProxy>>;

/** The engine answers 200 with what `answer` makes of the input. */
export async function startFaultyProxy(answer: (received: Received) => unknown = () => ({})) {
  const received: Received[] = [];
  const reports: string[] = [];
  const engine = createServer(async (request, response) => {
    const text = (await readBody(request)).toString();
    const target = String(request.headers['x-amz-target'] ?? request.url);
    const call = {
      target: target.split('.').at(-1) ?? '',
      input: text.startsWith('{') ? JSON.parse(text) : {},
    };
    received.push(call);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-crc32': '1' });
    response.end(JSON.stringify(answer(call)));
  });
  const destination = { engine: { endpoint: await listen(engine, 0) } };
  const clock: Clock = createClock();
  const faults = new Faults({ clock, kill: () => false });
  const meter = createCallMeter();
  const callers = createCallers();
  const proxy = connectedProxy({
    callers,
    report: (problem) => reports.push(problem),
    steps: [meter.step, faults.step],
    destinations: Object.fromEntries(
      ['apigateway', 'cloudformation', 'dynamodb', 'kinesis', 's3', 'sns', 'sqs', 'ssm'].map((service) => [
        service,
        destination,
      ]),
    ),
  });
  await proxy.start();
  const client = {
    endpoint: proxy.url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: callers.accessKeyIdOf('ingest'), secretAccessKey: 'any' },
  };
  return {
    faults,
    clock,
    meter,
    received,
    reports,
    client,
    // Its own default is HTTP/2.
    kinesis: new KinesisClient({ ...client, requestHandler: new NodeHttpHandler() }),
    dynamoDb: new DynamoDBClient(client),
    /** The targets that reached the engine. */
    reached: () => received.map(({ target }) => target),
    request: (service: string, path: string, headers: Record<string, string> = {}, body = '') =>
      fetch(`${proxy.url}${path}`, {
        method: 'POST',
        headers: { authorization: authorizationFor(service, client.credentials.accessKeyId), ...headers },
        body,
      }),
    end: async () => {
      faults.clear();
      await proxy.end();
      await close(engine);
    },
  };
}

/** A call as the steps of the proxy see it. */
export function awsCall(parts: Partial<AwsCall> & { readonly input?: unknown } = {}): AwsCall {
  const { input = {}, ...given } = parts;
  return {
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: Buffer.from(JSON.stringify(input)),
    caller: 'ingest',
    service: 'kinesis',
    operation: 'PutRecords',
    ...given,
  };
}
