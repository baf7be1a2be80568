import { describe, expect, it } from 'vitest';
import { planKey, policy, restApi, startGateway } from './fixture.ts';
import { rawRequest } from './raw-request.ts';

const functions = {
  authorize: () => policy('Allow', '*', { usageIdentifierKey: planKey.value }),
  serve: () => ({ statusCode: 200 }),
};

describe('where keys come in a header', () => {
  it.each<[name: string, properties: object, headers: Record<string, string>, status: number]>([
    ['a request without one is refused', { ApiKeySourceType: 'HEADER' }, {}, 403],
    ['a wrong one is refused', { ApiKeySourceType: 'HEADER' }, { 'x-api-key': 'wrong' }, 403],
    ['an empty one is refused', { ApiKeySourceType: 'HEADER' }, { 'x-api-key': '' }, 403],
    ['the right one is taken', { ApiKeySourceType: 'HEADER' }, { 'X-API-Key': planKey.value }, 200],
    ['which is what an API does by itself, the right one is taken', {}, { 'x-api-key': planKey.value }, 200],
    ['which is what an API does by itself, none is refused', {}, {}, 403],
  ])('%s', async (_name, properties, headers, status) => {
    const { url } = await startGateway(functions, { Api: restApi(properties) });

    expect((await rawRequest(`${url}/guarded`, { headers })).status).toBe(status);
  });
});

it('where the authorizer names the key, the header is of no use', async () => {
  const { url } = await startGateway({
    ...functions,
    authorize: () => policy('Allow', '*', { usageIdentifierKey: 'x' }),
  });

  const { status } = await rawRequest(`${url}/guarded`, { headers: { 'x-api-key': planKey.value } });

  expect(status).toBe(403);
});

describe('a usage plan', () => {
  it.each<[name: string, apiStages: readonly object[] | undefined, status: number]>([
    ['of the stage', [{ ApiId: { Ref: 'Api' }, Stage: { Ref: 'Stage' } }], 200],
    [
      'of several stages',
      [
        { ApiId: 'other', Stage: 'other' },
        { ApiId: { Ref: 'Api' }, Stage: 'api' },
      ],
      200,
    ],
    ['of another stage of the API', [{ ApiId: { Ref: 'Api' }, Stage: 'other' }], 403],
    ['of a stage of that name of another API', [{ ApiId: 'other', Stage: { Ref: 'Stage' } }], 403],
    ['of no stage', undefined, 403],
  ])('%s: a key on it is answered with %s', async (_name, ApiStages, status) => {
    const { url } = await startGateway(functions, {
      Plan: { Type: 'AWS::ApiGateway::UsagePlan', Properties: ApiStages === undefined ? {} : { ApiStages } },
    });

    expect((await rawRequest(`${url}/guarded`)).status).toBe(status);
  });
});
