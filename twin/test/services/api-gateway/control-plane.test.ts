import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  GetApiKeyCommand,
  GetUsagePlansCommand,
  paginateGetApiKeys,
} from '@aws-sdk/client-api-gateway';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AwsProxy } from '../../../src/core/proxy/aws-proxy.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { ApiKeys } from '../../../src/services/api-gateway/api-keys.ts';
import { createApiGatewayControl } from '../../../src/services/api-gateway/control-plane.ts';
import { createCloudFormationControl } from '../../../src/services/cloudformation/control-plane.ts';
import { connectedProxy, templateOf } from '../../fixture.ts';

let folder: string;
let file: string;
let apiKeys: ApiKeys;
let proxy: AwsProxy;
let gateway: APIGatewayClient;
let cloudFormation: CloudFormationClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-control-'));
  file = join(folder, 'api-gateway.json');
  apiKeys = new ApiKeys(file);
  const template = templateOf({}, { Outputs: { Url: { Value: 'https://a?b=1&c=<2>' } } });
  proxy = connectedProxy({
    callers: createCallers(),
    steps: [],
    report: () => undefined,
    destinations: {
      apigateway: { answer: createApiGatewayControl(apiKeys, ['plan-1']) },
      cloudformation: { answer: createCloudFormationControl(template) },
    },
  });
  await proxy.start();
  const connection = {
    endpoint: proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  gateway = new APIGatewayClient(connection);
  cloudFormation = new CloudFormationClient(connection);
});

afterEach(async () => {
  gateway.destroy();
  cloudFormation.destroy();
  await proxy.end();
  rmSync(folder, { recursive: true });
});

it('makes a key, attaches it to a plan, and still knows both after a restart', async () => {
  const value = 'v'.repeat(20);
  const key = await gateway.send(new CreateApiKeyCommand({ name: 'acme', value, enabled: true }));
  const planKey = await gateway.send(
    new CreateUsagePlanKeyCommand({ usagePlanId: 'plan-1', keyId: key.id, keyType: 'API_KEY' }),
  );

  expect(key).toMatchObject({ name: 'acme', value, enabled: true });
  expect(planKey).toMatchObject({ id: key.id, type: 'API_KEY' });
  const restarted = new ApiKeys(file);
  await restarted.load();
  expect(restarted.find(value)).toMatchObject({ id: key.id, enabled: true });
  expect(restarted.plansOf(key.id ?? '')).toEqual(['plan-1']);
});

it('refuses an unknown plan, an unknown key and a value that is taken as AWS does', async () => {
  const key = await gateway.send(new CreateApiKeyCommand({ value: 'w'.repeat(20) }));
  const attach = (usagePlanId: string, keyId: string | undefined) =>
    gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));

  await expect(attach('plan-2', key.id)).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(attach('plan-1', 'nobody')).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(gateway.send(new CreateApiKeyCommand({ value: 'w'.repeat(20) }))).rejects.toMatchObject({
    name: 'ConflictException',
  });
});

it('makes a key that is of no use yet, unless it is told to enable it', async () => {
  const { enabled } = await gateway.send(new CreateApiKeyCommand({ value: 'x'.repeat(20) }));

  expect(enabled).toBe(false);
  expect(apiKeys.find('x'.repeat(20))?.enabled).toBe(false);
});

it('attaches a key to a plan once, and only as the kind of key that it is', async () => {
  const { id: keyId } = await gateway.send(new CreateApiKeyCommand({ value: 'y'.repeat(20) }));
  const attach = (keyType: string | undefined) =>
    gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId: 'plan-1', keyId, keyType }));

  await expect(attach('OTHER')).rejects.toMatchObject({ name: 'BadRequestException' });
  await expect(attach(undefined)).rejects.toMatchObject({ name: 'BadRequestException' });
  expect(apiKeys.plansOf(keyId ?? '')).toEqual([]);
  await attach('API_KEY');
  await expect(attach('API_KEY')).rejects.toMatchObject({ name: 'ConflictException' });
  expect(apiKeys.plansOf(keyId ?? '')).toEqual(['plan-1']);
});

it('shows the value of a key only where it is asked for', async () => {
  const value = 'z'.repeat(20);
  const { id: apiKey } = await gateway.send(new CreateApiKeyCommand({ value, enabled: true }));
  const get = (includeValue: boolean) => gateway.send(new GetApiKeyCommand({ apiKey, includeValue }));

  expect((await get(true)).value).toBe(value);
  expect((await get(false)).value).toBeUndefined();
});

it('finds keys by how their names begin, page by page, with their values only where they are asked for', async () => {
  for (const name of ['acme', 'acme-2', 'other'])
    await gateway.send(new CreateApiKeyCommand({ name, value: name.padEnd(20, '-') }));
  const find = async (nameQuery: string, includeValues: boolean) => {
    const pages = paginateGetApiKeys({ client: gateway, pageSize: 1 }, { nameQuery, includeValues });
    return (await Array.fromAsync(pages)).flatMap(({ items = [] }) => items);
  };

  expect((await find('acme', true)).map(({ name, value }) => [name, value])).toEqual([
    ['acme', 'acme'.padEnd(20, '-')],
    ['acme-2', 'acme-2'.padEnd(20, '-')],
  ]);
  expect((await find('other', false)).map(({ value }) => value)).toEqual([undefined]);
  expect(await find('nobody', true)).toEqual([]);
});

it('names the plans of a key, and removes a key with what it is attached to', async () => {
  const { id: keyId } = await gateway.send(new CreateApiKeyCommand({ value: 'r'.repeat(20) }));
  const plans = async () =>
    ((await gateway.send(new GetUsagePlansCommand({ keyId }))).items ?? []).map(({ id }) => id);
  expect(await plans()).toEqual([]);
  await gateway.send(new CreateUsagePlanKeyCommand({ usagePlanId: 'plan-1', keyId, keyType: 'API_KEY' }));
  expect(await plans()).toEqual(['plan-1']);

  await gateway.send(new DeleteApiKeyCommand({ apiKey: keyId }));

  expect(apiKeys.find('r'.repeat(20))).toBeUndefined();
  expect(apiKeys.plansOf(keyId ?? '')).toEqual([]);
  await expect(plans()).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(gateway.send(new DeleteApiKeyCommand({ apiKey: keyId }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

describe('a call that no SDK would make', () => {
  const call = (method: string, url: string, body = '') =>
    createApiGatewayControl(apiKeys, ['plan-1'])({ method, url, body: Buffer.from(body) });

  it.each([
    ['POST', '/apikeys', 'null'],
    ['POST', '/apikeys', '[]'],
    ['POST', '/apikeys', '1'],
    ['POST', '/apikeys', '{'],
    ['POST', '/usageplans/plan-1/keys', 'null'],
    ['POST', '/usageplans/%zz/keys', '{}'],
    ['GET', '/apikeys/%zz', ''],
    ['GET', '/apikeys?limit=0', ''],
    ['GET', '/apikeys?limit=501', ''],
    ['GET', '/apikeys?position=x', ''],
  ])('%s %s with the body %j is a bad request', async (method, url, body) => {
    expect(await call(method, url, body)).toMatchObject({
      status: 400,
      headers: { 'x-amzn-errortype': 'BadRequestException' },
    });
  });

  it.each([
    ['GET', '//'],
    ['PATCH', '/apikeys/one'],
    ['GET', '/restapis'],
  ])('%s %s is told not to be there', async (method, url) => {
    expect(await call(method, url)).toMatchObject({
      status: 501,
      headers: { 'x-amzn-errortype': 'NotModelled' },
    });
  });
});

it('describes a stack with its outputs, and says of another that it does not exist', async () => {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'weir-test' }));

  expect(Stacks).toMatchObject([
    {
      StackName: 'weir-test',
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'Url', OutputValue: 'https://a?b=1&c=<2>' }],
    },
  ]);
  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName: 'other' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id other does not exist',
  });
});
