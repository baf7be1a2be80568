// The twin as a whole, on stacks that are given instead of an assembly.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTwin, type TwinOptions } from '@weir/twin';
import type { StackTemplate } from '@weir/twin/template';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { callEngine, signedHeaders } from '../../src/core/engine-call.ts';
import { stackOf } from '../fixture.ts';
import { arnOf } from '../running-services.ts';
import { restApi, stage } from '../services/api-gateway/fixture.ts';
import { roleOf } from '../services/iam/fixture.ts';
import { eventually } from '../support/eventually.ts';
import { descendantsOf } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'twin-'));
afterAll(() => rmSync(folder, { recursive: true }));

const table: StackTemplate['Resources'] = {
  Orders: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'orders',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    },
  },
};

async function start(resources: StackTemplate['Resources'], options: TwinOptions = {}) {
  const reports: string[] = [];
  const twin = await startTwin([stackOf('small', { Resources: resources })], {
    memory: true,
    folder,
    report: (problem) => reports.push(problem),
    ...options,
  });
  onTestFinished(() => twin.stop());
  return { twin, reports };
}

const engines = () => descendantsOf(process.pid).filter(({ command }) => command.includes('dynoxide'));

it('an app without a REST API has its pages, and says that there is no API', async () => {
  const { twin, reports } = await start(table, { pagesPath: '/_local' });

  expect((await fetch(`${twin.url}/_local/state`)).status).toBe(200);
  const answer = await fetch(`${twin.url}/orders`);
  expect([answer.status, await answer.json()]).toEqual([404, { error: 'The template has no REST API.' }]);
  expect(twin.apiUrls).toEqual({});
  expect(reports).toEqual([]);
});

it('several REST APIs have a port each, and the first of them the pages', async () => {
  const { twin } = await start({
    First: restApi({}),
    FirstStage: { ...stage(), Properties: { RestApiId: { Ref: 'First' }, StageName: 'one' } },
    Second: restApi({}),
    SecondStage: { ...stage(), Properties: { RestApiId: { Ref: 'Second' }, StageName: 'two' } },
  });

  const { First = '', Second = '' } = twin.apiUrls;
  expect(twin.url).toBe(First);
  expect(Second).not.toBe(First);
  expect((await fetch(`${First}/_twin`)).status).toBe(200);
  for (const path of [`${First}/nowhere`, `${Second}/nowhere`, `${Second}/_twin`])
    expect((await fetch(path)).status).toBe(403);
});

it('data to begin with is there before the start is over, and meets no fault', async () => {
  const put = (proxyUrl: string) =>
    callEngine<object>(proxyUrl, 'dynamodb', 'PutItem', { TableName: 'orders', Item: { id: { S: '1' } } });

  const { twin } = await start(table, {
    seed: async (proxyUrl) => void (await put(proxyUrl)),
    faults: { rules: [{ on: { service: 'dynamodb' }, do: { kind: 'throttle' } }] },
  });

  expect(twin.faults.list()).toMatchObject([{ met: 0 }]);
  await expect(put(twin.proxyUrl)).rejects.toThrow('ProvisionedThroughputExceededException');
});

it('a stand-in for what is not of AWS has pages, and functions learn where they are', async () => {
  const ZipFile = `exports.handler = async () => [process.env.ISSUER, process.env.STAGE, process.env.AWS_ENDPOINT_URL];`;
  const { twin } = await start(
    {
      Role: roleOf(),
      Greet: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          ...{ FunctionName: 'greet', Handler: 'index.handler', Code: { ZipFile } },
          Environment: { Variables: { ISSUER: 'https://issuer.test', STAGE: 'dev' } },
        },
      },
    },
    {
      pages: {
        'GET /issuer': { about: 'stands in', answer: () => ({ keys: [] }) },
        'GET /readable': { about: 'for a browser', isHtml: true, answer: () => '<p>Read me</p>' },
        'GET /state': { about: 'of the twin, and stays so', answer: () => ({}) },
      },
      variables: (label, pagesUrl) => ({ ISSUER: `${pagesUrl}/issuer`, AWS_ENDPOINT_URL: label }),
    },
  );

  const [issuer, ...others] = (await twin.invoke('greet', {})) as string[];
  expect(await (await fetch(issuer ?? '')).json()).toEqual({ keys: [] });
  expect(others).toEqual(['dev', twin.proxyUrl]);
  const readable = await fetch(`${twin.url}/_twin/readable`);
  expect(readable.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await readable.text()).toBe('<p>Read me</p>');
  expect(await (await fetch(`${twin.url}/_twin/state`)).json()).toHaveProperty('functions');
});

it('what a function prints goes to a function that is subscribed to its log, and its lines are found', async () => {
  const functionOf = (FunctionName: string, ZipFile: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      ...{ FunctionName, Handler: 'index.handler', Code: { ZipFile } },
      LoggingConfig: { LogGroup: `of-${FunctionName}` },
    },
  });
  const { twin } = await start({
    Role: roleOf(),
    Say: functionOf('say', `exports.handler = async () => console.log('hello');`),
    Hear: functionOf(
      'hear',
      `exports.handler = async ({ awslogs: { data } }) =>
         console.log(require('node:zlib').gunzipSync(Buffer.from(data, 'base64')).toString());`,
    ),
    Filter: {
      Type: 'AWS::Logs::SubscriptionFilter',
      Properties: { LogGroupName: 'of-say', FilterPattern: '', DestinationArn: arnOf('Hear') },
    },
  });

  await twin.invoke('say', {});

  const search = async () => {
    const answer = await fetch(twin.proxyUrl, {
      method: 'POST',
      headers: { ...signedHeaders('logs'), 'x-amz-target': 'Logs_20140328.FilterLogEvents' },
      body: JSON.stringify({ logGroupName: 'of-hear', filterPattern: '{ $.logGroup = "of-say" }' }),
    });
    return (await answer.json()) as { readonly events: readonly { readonly message: string }[] };
  };
  const heard = await eventually(search, ({ events }) => events.length > 0);
  expect(JSON.parse(heard.events[0]?.message ?? '')).toMatchObject({
    logEvents: [{ message: 'hello' }],
  });
});

it.each<[name: string, options: TwinOptions, message: string | RegExp]>([
  [
    'data to begin with cannot be made',
    { seed: () => Promise.reject(new Error('no such order')) },
    'the seed: no such order',
  ],
  [
    'the seed throws before it returns a promise',
    {
      seed: () => {
        throw new Error('no such order');
      },
    },
    'the seed: no such order',
  ],
  ['pages have no path of their own', { pagesPath: '/' }, 'pagesPath "/" is not a path'],
  ['pages have a path with a question', { pagesPath: '/_x?y' }, 'pagesPath "/_x?y" is not a path'],
  [
    'the fault plan is not right',
    { faults: { rules: [{ on: {}, do: { kind: 'flood' } }] } },
    /rules\[0\]\.do\.kind must be one of/,
  ],
])('a start fails where %s, and leaves nothing behind', async (_name, options, message) => {
  const kept = join(folder, 'kept');

  await expect(start(table, { memory: false, folder: kept, ...options })).rejects.toThrow(message);

  expect(engines()).toEqual([]);
  expect(existsSync(join(kept, 'twin.pid'))).toBe(false);
});

it('a line of the console is one line, with the cause first, however long the problem is', async () => {
  const { twin, reports } = await start({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
    ...table,
    [`Broker${'x'.repeat(600)}`]: { Type: 'AWS::AmazonMQ::Broker' },
  });

  expect(twin.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect(reports).toEqual([expect.stringMatching(/^AWS::AmazonMQ::Broker .{1,480} …$/)]);
});

it('a report that throws does not break the twin', async () => {
  const { twin } = await start(
    { ...table, Broker: { Type: 'AWS::AmazonMQ::Broker' } },
    {
      report: () => {
        throw new Error('the console is closed');
      },
    },
  );

  expect((await fetch(`${twin.url}/_twin/state`)).status).toBe(200);
});

it.each([
  ['another origin', { origin: 'http://evil.example' }],
  ['a foreign name that leads here', { host: 'evil.example', origin: 'http://evil.example' }],
])('the pages are not for %s', async (_name, headers) => {
  const { twin } = await start(table);
  const { hostname, port } = new URL(twin.url);

  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request({ hostname, port, path: '/_twin/clock', headers }, (answer) => resolve(answer.resume().statusCode))
    .on('error', reject)
    .end();

  expect(await promise).toBe(403);
});
