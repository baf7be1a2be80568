import { describe, expect, it } from 'vitest';
import { ApiNotModelled } from '../../../src/services/api-gateway/api-not-modelled.ts';
import { gatewayResponse, method, policy, protectedBy, stage, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

describe('a header of a gateway response', () => {
  /** As a denial of the method on `/items/{item_id}` has it. */
  async function headerFrom(source: string, path: string, request: RawRequest = {}, context: object = {}) {
    const { url, reports } = await startGateway(
      { authorize: () => policy('Deny', '*', { context }) },
      {
        ItemMethod: method('Item', protectedBy),
        Stage: stage({ Variables: { colour: 'blue' } }),
        Denied: gatewayResponse('ACCESS_DENIED', '403', '{}', { 'X-Value': source, 'x-other': "'there'" }),
      },
    );
    const { status, headers } = await rawRequest(`${url}${path}`, request);
    expect([status, headers['x-other'], reports]).toEqual([403, 'there', []]);
    return headers['x-value'];
  }

  it.each<[source: string, value: string | undefined]>([
    ["'fixed'", 'fixed'],
    ["''", ''],
    ['context.identity.sourceIp', '127.0.0.1'],
    ['context.error.responseType', 'ACCESS_DENIED'],
    ['context.unknown', undefined],
    ['context.constructor.name', undefined],
    ['context.identity', undefined],
    ['method.request.header.X-Sent', 'one'],
    ['method.request.header.x-sent', 'one'],
    ['method.request.header.x-not-sent', undefined],
    ['method.request.querystring.q', 'last'],
    ['method.request.querystring.none', undefined],
    ['method.request.path.item_id', 'a%20b'],
    ['method.request.path.none', undefined],
    ['stageVariables.colour', 'blue'],
    ['stageVariables.none', undefined],
    ['stageVariables.constructor', undefined],
  ])('from %s is %j', async (source, value) => {
    const request = { headers: { 'x-sent': 'one' } };

    expect(await headerFrom(source, '/items/a%20b?q=first&q=last', request)).toBe(value);
  });

  it.each(['two\nlines', 'two\r\nlines', '日本'])('is left out where it would be %j', async (text) => {
    expect(await headerFrom('context.authorizer.text', '/items/1', {}, { text })).toBeUndefined();
    expect(await headerFrom('context.authorizer.text', '/items/1', {}, { text: 'grüezi' })).toBe('grüezi');
  });

  it.each([["'text/plain'"], ['method.request.header.x-type']])(
    'from %s takes the place of the gateway’s own, whatever its case',
    async (source) => {
      const { url } = await startGateway(
        {},
        { Missing: gatewayResponse('MISSING_AUTHENTICATION_TOKEN', '404', '{}', { 'Content-Type': source }) },
      );

      const { headers } = await rawRequest(`${url}/unknown`, { headers: { 'x-type': 'text/plain' } });

      expect(headers['content-type']).toBe('text/plain');
    },
  );

  it('from a path parameter is left out where no route was found', async () => {
    const { url } = await startGateway(
      {},
      {
        Missing: gatewayResponse('MISSING_AUTHENTICATION_TOKEN', '404', '{}', {
          'x-value': 'method.request.path.item_id',
        }),
      },
    );

    expect((await rawRequest(`${url}/items/1/2`)).headers).not.toHaveProperty('x-value');
  });
});

describe('the template of a gateway response', () => {
  const missing = (ResponseTemplates: object, more: object = {}) => {
    const { Type, Properties } = gatewayResponse('MISSING_AUTHENTICATION_TOKEN', '404', '');
    return { Missing: { Type, Properties: { ...Properties, ResponseTemplates, ...more } } };
  };

  async function answerTo(changes: Parameters<typeof startGateway>[1], accept?: string) {
    const { url } = await startGateway({}, { Stage: stage({ Variables: { colour: 'blue' } }), ...changes });
    const answer = await rawRequest(`${url}/unknown`, { headers: accept === undefined ? {} : { accept } });
    return [answer.status, answer.headers['content-type'], answer.body.toString()];
  }

  const several = { 'text/plain': 'plain', 'application/json': 'json', 'application/xml': 'xml' };

  it.each([
    ['application/xml', 'application/xml', 'xml'],
    ['text/html, application/xml;q=0.9, text/plain', 'application/xml', 'xml'],
    ['text/html', 'application/json', 'json'],
    ['*/*', 'application/json', 'json'],
    [undefined, 'application/json', 'json'],
  ])('for a client that accepts %s is that of %s', async (accept, contentType, body) => {
    expect(await answerTo(missing(several), accept)).toEqual([404, contentType, body]);
  });

  it('is the first one where none is accepted and none is JSON', async () => {
    const templates = { 'text/plain': 'plain', 'application/xml': 'xml' };

    expect(await answerTo(missing(templates), 'text/html')).toEqual([404, 'text/plain', 'plain']);
  });

  it('is AWS’s own where the template has none', async () => {
    const { Type, Properties } = gatewayResponse('MISSING_AUTHENTICATION_TOKEN', '404', '');
    const { ResponseTemplates: _, ...withoutTemplates } = Properties;

    expect(await answerTo({ Missing: { Type, Properties: withoutTemplates } })).toEqual([
      404,
      'application/json',
      '{"message":"Missing Authentication Token"}',
    ]);
  });

  it.each([
    ['$context.error.responseType', 'MISSING_AUTHENTICATION_TOKEN'],
    ['$context.error.messageString', '"Missing Authentication Token"'],
    ['$context.constructor.name', ''],
    ['$context.toString', ''],
    ['$context.identity', ''],
    ['$stageVariables.colour', 'blue'],
    ['$stageVariables.none', ''],
    ['$stageVariables.constructor', ''],
    ['costs $5, #1 of #fff', 'costs $5, #1 of #fff'],
  ])('with %s says %s', async (template, body) => {
    expect(await answerTo(missing({ 'application/json': template }))).toEqual([
      404,
      'application/json',
      body,
    ]);
  });
});

describe('the start is refused', () => {
  const custom = (properties: object) => {
    const { Type, Properties } = gatewayResponse('THROTTLED', '429', '{}');
    return { Throttled: { Type, Properties: { ...Properties, ...properties } } };
  };
  const header = (source: string) => custom({ ResponseParameters: { 'gatewayresponse.header.x': source } });
  const template = (text: string) => custom({ ResponseTemplates: { 'application/json': text } });

  it.each<[what: string, changes: Parameters<typeof startGateway>[1], message: string]>([
    [
      'an unknown type',
      custom({ ResponseType: 'TOO_EARLY' }),
      'there is no gateway response of type TOO_EARLY.',
    ],
    ['a status that is none', custom({ StatusCode: 'teapot' }), 'the StatusCode teapot is not modelled.'],
    ['a status that is not final', custom({ StatusCode: '100' }), 'the StatusCode 100 is not modelled.'],
    [
      'a parameter that is no header',
      custom({ ResponseParameters: { 'gatewayresponse.body': "'x'" } }),
      'the parameter gatewayresponse.body is not modelled.',
    ],
    [
      'a header without a name',
      custom({ ResponseParameters: { 'gatewayresponse.header.': "'x'" } }),
      'the parameter gatewayresponse.header. is not modelled.',
    ],
    [
      'a header with a space in its name',
      custom({ ResponseParameters: { 'gatewayresponse.header.a b': "'x'" } }),
      'the parameter gatewayresponse.header.a b is not modelled.',
    ],
    ...[
      'nonsense',
      "'open",
      "'日'",
      '$stageVariables.a',
      '$context.requestId',
      'context.',
      'method.request.header.',
      'method.request.body',
      'method.request.multivalueheader.a',
      'method.request.multivaluequerystring.a',
      'method.response.header.a',
    ].map((source): [string, Parameters<typeof startGateway>[1], string] => [
      `the source ${source}`,
      header(source),
      `the source ${source} is not modelled.`,
    ]),
    ...[
      ['{"q":"$method.request.querystring.q"}', '$method.request.querystring.q'],
      ["$input.path('$.a')", '$input.path'],
      ['$util.escapeJavaScript("a")', '$util.escapeJavaScript'],
      ['$!context.requestId', '$!context.requestId'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: of the template's language
      ['${context.requestId}', '${context.requestId'],
      ['$context', '$context'],
      ['#set($a = 1)', '#set'],
      ['#if(true)a#end', '#if'],
      ['#foreach($a in $b)a#end', '#foreach'],
    ].map(([text = '', part]): [string, Parameters<typeof startGateway>[1], string] => [
      `the template ${text}`,
      template(text),
      `${part} in a template is not modelled.`,
    ]),
  ])('by a gateway response with %s', async (_what, changes, message) => {
    await expect(startGateway({}, changes)).rejects.toThrow(new ApiNotModelled(`Throttled: ${message}`));
  });
});
