// CORS preflight as the CDK writes it: the gateway answers OPTIONS by itself.

import { App, Stack } from 'aws-cdk-lib';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { expect, it } from 'vitest';
import type { StackTemplate } from '../../../src/template/assembly.ts';
import { root, startGateway } from './fixture.ts';

/** The OPTIONS method of the items, as the CDK makes it. */
function preflight(allowOrigins: readonly string[], integration: object = {}) {
  const app = new App();
  const stack = new Stack(app, 'Cors');
  new RestApi(stack, 'Api').root.addCorsPreflight({ allowOrigins: [...allowOrigins], statusCode: 200 });
  const { Resources } = app.synth().getStackByName('Cors').template as StackTemplate;
  const method = Object.values(Resources).find(({ Type }) => Type === 'AWS::ApiGateway::Method');
  const properties = {
    ...method?.Properties,
    Integration: { ...(method?.Properties?.Integration as object), ...integration },
    RestApiId: { Ref: 'Api' },
  };
  return {
    Preflight: {
      Type: 'AWS::ApiGateway::Method',
      Properties: { ...properties, ResourceId: { Ref: 'Items' } },
    },
    RootPreflight: { Type: 'AWS::ApiGateway::Method', Properties: { ...properties, ResourceId: root } },
  };
}

it('a preflight is answered with its status and headers, and calls no function', async () => {
  const events: object[] = [];
  const serve = (event: object) => {
    events.push(event);
    return { statusCode: 200, body: 'served' };
  };
  const { url, reports } = await startGateway(
    { serve },
    preflight(['https://shop.example'], { ContentHandling: 'CONVERT_TO_TEXT' }),
  );

  const answer = await fetch(`${url}/items`, { method: 'OPTIONS' });

  expect([answer.status, await answer.text(), events, reports]).toEqual([200, '', [], []]);
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
  expect(answer.headers.get('access-control-allow-methods')).toBe('OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD');
  expect(answer.headers.get('vary')).toBe('Origin');
  expect((await fetch(url, { method: 'OPTIONS' })).status).toBe(200);
  expect(await (await fetch(`${url}/items`)).text()).toBe('served');
});

it('a preflight for several origins ends the start, since its answer is computed', async () => {
  await expect(startGateway({}, preflight(['https://a.example', 'https://b.example']))).rejects.toThrow(
    'a response template, which the CDK makes for several CORS origins, is not modelled.',
  );
});

it('a preflight of an API that takes all bodies for binary is a 500, unless they become text', async () => {
  const binary = { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { BinaryMediaTypes: ['*/*'] } } };
  const origins = ['https://shop.example'];
  const asked = async (changes: object) =>
    (await fetch(`${(await startGateway({}, { ...changes, ...binary })).url}/items`, { method: 'OPTIONS' }))
      .status;

  expect(await asked(preflight(origins))).toBe(500);
  expect(await asked(preflight(origins, { ContentHandling: 'CONVERT_TO_TEXT' }))).toBe(200);
});
