import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { authorizationFor } from '../../../src/core/engine-call.ts';
import { close, listen } from '../../../src/core/http/listen.ts';
import { readBody } from '../../../src/core/http/read-body.ts';
import type { AwsProxy } from '../../../src/core/proxy/aws-proxy.ts';
import { type CallMeter, createCallMeter } from '../../../src/core/proxy/call-meter.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { connectedProxy } from '../../fixture.ts';

type Received = { path: string; body: string };

let received: Received[];
let engineAnswer: { status: number; body: unknown };
let engine: Server;
let meter: CallMeter;
let proxy: AwsProxy;
let reports: string[];

beforeEach(async () => {
  received = [];
  reports = [];
  engineAnswer = { status: 200, body: {} };
  engine = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', body: (await readBody(request)).toString() });
    response.writeHead(engineAnswer.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(engineAnswer.body));
  });
  const engineUrl = await listen(engine, 0);
  meter = createCallMeter();
  const callers = createCallers();
  callers.accessKeyIdOf('ingest');
  const destination = { engine: { endpoint: engineUrl } };
  proxy = connectedProxy({
    callers,
    steps: [meter.step],
    report: (problem) => reports.push(problem),
    destinations: {
      dynamodb: destination,
      kinesis: destination,
      s3: destination,
      broken: { answer: () => Promise.reject(new Error('out of order')) },
    },
  });
  await proxy.start();
});

afterEach(async () => {
  await proxy.end();
  await close(engine);
});

async function call(service: string, target: string | undefined, input: unknown, accessKeyId = 'WEIRINGEST') {
  const response = await fetch(`${proxy.url}/`, {
    method: 'POST',
    headers: {
      authorization: authorizationFor(service, accessKeyId),
      'content-type': 'application/x-amz-json-1.0',
      ...(target && { 'x-amz-target': target }),
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

it('asks for the capacity of a DynamoDB call, counts it, and shows none to a caller who did not ask', async () => {
  engineAnswer.body = { Responses: [{}], ConsumedCapacity: [{ CapacityUnits: 2 }, { CapacityUnits: 1.5 }] };

  const { body } = await call('dynamodb', 'DynamoDB_20120810.BatchExecuteStatement', {
    Statements: [{}, {}, {}],
  });

  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    Statements: [{}, {}, {}],
    ReturnConsumedCapacity: 'TOTAL',
  });
  expect(body).toEqual({ Responses: [{}] });
  expect(meter.calls().ingest?.['dynamodb.BatchExecuteStatement']).toMatchObject({
    calls: 1,
    items: 3,
    capacityUnits: 3.5,
    errors: 0,
  });
});

it('leaves the capacity in the answer of a caller who asked for it', async () => {
  engineAnswer.body = { ConsumedCapacity: { CapacityUnits: 1 } };

  const { body } = await call('dynamodb', 'DynamoDB_20120810.PutItem', { ReturnConsumedCapacity: 'INDEXES' });

  expect(JSON.parse(received[0]?.body ?? '')).toEqual({ ReturnConsumedCapacity: 'INDEXES' });
  expect(body).toEqual(engineAnswer.body);
});

it.each([
  ['kinesis', 'Kinesis_20131202.PutRecords', { Records: [{}, {}] }, {}, 2],
  [
    'dynamodb',
    'DynamoDB_20120810.BatchGetItem',
    { RequestItems: { a: { Keys: [{}, {}] }, b: { Keys: [{}] } } },
    {},
    3,
  ],
  ['dynamodb', 'DynamoDB_20120810.BatchWriteItem', { RequestItems: { a: [{}, {}], b: [{}] } }, {}, 3],
  ['dynamodb', 'DynamoDB_20120810.TransactWriteItems', { TransactItems: [{}, {}] }, {}, 2],
  ['dynamodb', 'DynamoDB_20120810.Query', {}, { Count: 4 }, 4],
])('counts the items of %s %s', async (service, target, input, output, items) => {
  engineAnswer.body = output;

  await call(service, target, input);

  const counted = Object.values(meter.calls().ingest ?? {});
  expect(counted).toMatchObject([{ calls: 1, items }]);
});

it('counts failures, bytes, and callers that are no function as the operator, until it is reset', async () => {
  engineAnswer = { status: 400, body: { __type: 'ValidationException' } };

  await call('kinesis', 'Kinesis_20131202.PutRecord', { a: 1 }, 'SOMEBODY');

  expect(meter.calls()).toEqual({
    operator: {
      'kinesis.PutRecord': {
        calls: 1,
        errors: 1,
        items: 1,
        capacityUnits: 0,
        requestBytes: 7,
        responseBytes: 32,
        milliseconds: expect.any(Number),
      },
    },
  });
  meter.reset();
  expect(meter.calls()).toEqual({});
});

it('names REST operations by method and path', async () => {
  await fetch(`${proxy.url}/bucket/key`, {
    headers: { authorization: authorizationFor('s3', 'WEIRINGEST') },
  });
  await fetch(`${proxy.url}/b/k?x-id=GetObject`, {
    headers: { authorization: authorizationFor('s3', 'WEIRINGEST') },
  });

  expect(Object.keys(meter.calls().ingest ?? {})).toEqual(['s3.GET object', 's3.GetObject']);
});

it('answers an outage where the engine is gone', async () => {
  await close(engine);

  const { status, body } = await call('kinesis', 'Kinesis_20131202.PutRecords', { Records: [] });

  expect(status).toBe(503);
  expect(body.__type).toBe('ServiceUnavailable');
});

it('refuses a call that is not signed, and a service that it has not', async () => {
  const unsigned = await fetch(proxy.url, { method: 'POST' });
  const unknown = await call('translate', 'Translate.TranslateText', {});

  expect(unsigned.status).toBe(403);
  expect(unknown.status).toBe(501);
  expect(unknown.body.message).toContain('no translate (asked for by ingest: TranslateText)');
});

it.each([
  ['a body that is null', 'dynamodb', 'DynamoDB_20120810.GetItem', null],
  ['tables that are null', 'dynamodb', 'DynamoDB_20120810.BatchGetItem', { RequestItems: { pages: null } }],
  ['an operation of every object', 'dynamodb', 'DynamoDB_20120810.constructor', {}],
])('hands on %s, which is the service to judge', async (_name, service, target, input) => {
  expect((await call(service, target, input)).status).toBe(200);
  expect(Object.values(meter.calls().ingest ?? {})).toEqual([expect.objectContaining({ calls: 1 })]);
  expect(reports).toEqual([]);
});

it('has no service by the name of a member of every object', async () => {
  expect((await call('constructor', undefined, {})).status).toBe(501);
});

it('answers as a service that fails where it fails itself, and tells it', async () => {
  expect(await call('broken', undefined, {})).toMatchObject({
    status: 500,
    body: { __type: 'InternalFailure' },
  });
  expect(reports).toEqual([expect.stringContaining('out of order')]);
});
