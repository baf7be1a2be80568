import { describe, expect, it } from 'vitest';
import { FunctionFailed } from '../../../src/core/invocation.ts';
import {
  authorizer,
  type FakeFunction,
  gatewayResponse,
  method,
  policy,
  protectedBy,
  stage,
  startGateway,
} from './fixture.ts';
import { rawRequest } from './raw-request.ts';

const arn = 'arn:aws:execute-api:us-east-1:000000000000:weir-test-Api/api/GET/guarded';
const ok: FakeFunction = () => ({ statusCode: 200, body: 'ok' });

describe('the event of an authorizer', () => {
  async function asked(path: string, headers: Record<string, string> = {}) {
    let event: Record<string, unknown> = {};
    const { url } = await startGateway({
      authorize: (received) => {
        event = received;
        return policy('Allow', arn);
      },
      serve: ok,
    });
    const response = await fetch(`${url}${path}`, { headers });
    expect(response.status).toBe(200);
    return event;
  }

  it('is of the type REQUEST, and has no body', async () => {
    const event = await asked('/guarded?a=b&a=c', { 'x-api-key': 'secret' });

    expect(event).toMatchObject({
      type: 'REQUEST',
      methodArn: arn,
      resource: '/guarded',
      path: '/guarded',
      httpMethod: 'GET',
      headers: { 'x-api-key': 'secret' },
      queryStringParameters: { a: 'c' },
      multiValueQueryStringParameters: { a: ['b', 'c'] },
      requestContext: { resourcePath: '/guarded', stage: 'api' },
    });
    expect(event).not.toHaveProperty('body');
  });

  it('has empty objects where a request has no query, no path parameter and a stage no variable', async () => {
    const { queryStringParameters, multiValueQueryStringParameters, pathParameters, stageVariables } =
      await asked('/guarded');

    expect([queryStringParameters, multiValueQueryStringParameters, pathParameters, stageVariables]).toEqual([
      {},
      {},
      {},
      {},
    ]);
  });
});

describe('the policy of an authorizer', () => {
  it.each([
    ['for this method', arn, 200],
    ['for another path', `${arn}/x`, 403],
    ['by wildcard', arn.replace('GET/guarded', '*/guard??'), 200],
  ])('%s counts as it says', async (_name, resource, status) => {
    const { url } = await startGateway({ authorize: () => policy('Allow', resource), serve: ok });

    expect((await fetch(`${url}/guarded`)).status).toBe(status);
  });

  it('gives a denial its words through the context', async () => {
    const { url } = await startGateway(
      { authorize: () => policy('Deny', '*', { context: { code: 'missing_scope' } }) },
      {
        Denied: gatewayResponse(
          'ACCESS_DENIED',
          undefined,
          '{"code":"$context.authorizer.code","none":"$context.authorizer.none","is":"$context.error.responseType"}',
        ),
      },
    );

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ code: 'missing_scope', none: '', is: 'ACCESS_DENIED' });
  });
});

describe('an authorizer that answers', () => {
  const withStatement = (statement: unknown) => ({
    ...policy('Allow', '*'),
    policyDocument: { Statement: [statement] },
  });
  const allow = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' };
  const noStatements = 'its policyDocument has no list of statements';
  const notFlat = 'its answer has a context that is not flat';

  it.each<[name: string, answer: unknown, complaint: string]>([
    ['nothing', undefined, 'its answer is not an object'],
    ['text', 'Allow', 'its answer is not an object'],
    ['as one of an HTTP API would', { isAuthorized: true }, 'its answer has no principalId'],
    ['no principalId', { ...policy('Allow', '*'), principalId: undefined }, 'its answer has no principalId'],
    ['no policy', { ...policy('Allow', '*'), policyDocument: undefined }, noStatements],
    ['a policy that is null', { ...policy('Allow', '*'), policyDocument: null }, noStatements],
    ['a statement that is null', withStatement(null), noStatements],
    [
      'a condition',
      withStatement({ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }),
      'its policyDocument has a statement with Condition, which is not modelled',
    ],
    [
      'excepted resources',
      withStatement({ Effect: 'Allow', Action: '*', NotResource: 'x' }),
      'its policyDocument has a statement with NotResource, which is not modelled',
    ],
    ['a context that is null', policy('Allow', '*', { context: null }), notFlat],
    ['a context that is a list', policy('Allow', '*', { context: ['a'] }), notFlat],
    ['a context that is not flat', policy('Allow', '*', { context: { a: {} } }), notFlat],
    ['null in its context', policy('Allow', '*', { context: { a: null } }), notFlat],
  ])('%s is configured wrongly, and why is reported', async (_name, answer, complaint) => {
    const { url, reports } = await startGateway(
      { authorize: () => answer, serve: ok },
      {
        Wrong: gatewayResponse(
          'AUTHORIZER_CONFIGURATION_ERROR',
          '500',
          '{"is":"$context.error.responseType"}',
        ),
      },
    );

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ is: 'AUTHORIZER_CONFIGURATION_ERROR' });
    expect(reports).toEqual([`authorizer: ${complaint}`]);
  });

  it('nothing, because it failed, gives the status of its gateway response', async () => {
    const failed = new FunctionFailed('authorize', { errorType: 'Error', errorMessage: 'boom', trace: [] });
    const { url, reports } = await startGateway(
      { authorize: () => Promise.reject(failed) },
      { Failure: gatewayResponse('AUTHORIZER_FAILURE', '503', '{}', { 'Retry-After': "'2'" }) },
    );

    const response = await fetch(`${url}/guarded`);

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(reports).toEqual(['authorizer: authorize: Error: boom']);
  });

  it('in words that are nearly Unauthorized has failed', async () => {
    const nearly = new FunctionFailed('authorize', {
      errorType: 'Error',
      errorMessage: 'unauthorized',
      trace: [],
    });
    const { url } = await startGateway({ authorize: () => Promise.reject(nearly) });

    expect((await fetch(`${url}/guarded`)).status).toBe(500);
  });
});

describe('the identity source', () => {
  const header = 'method.request.header.X-Token';
  const query = 'method.request.querystring.token';

  async function answerTo(IdentitySource: string, path: string, headers: Record<string, string>) {
    let asked = 0;
    const { url } = await startGateway(
      {
        authorize: () => {
          asked += 1;
          return policy('Allow', '*');
        },
        serve: ok,
      },
      {
        Authorizer: authorizer({ IdentitySource }),
        Stage: stage({ Variables: { given: 'yes', empty: '' } }),
        GuardedMethod: method('Guarded', protectedBy),
      },
    );
    const { status } = await rawRequest(`${url}${path}`, { headers });
    return { status, asked };
  }

  const admitted = { status: 200, asked: 1 };
  const refused = { status: 401, asked: 0 };

  it.each<[name: string, source: string, path: string, headers: Record<string, string>, expected: object]>([
    ['that is a header', header, '/guarded', { 'x-token': 'a' }, admitted],
    ['that is a missing header', header, '/guarded', {}, refused],
    ['that is an empty header', header, '/guarded', { 'x-token': '' }, refused],
    ['that is a parameter', query, '/guarded?token=a', {}, admitted],
    ['that is a missing parameter', query, '/guarded?other=a', {}, refused],
    ['that is an empty parameter', query, '/guarded?token=', {}, refused],
    ['of two that are there', `${header}, ${query}`, '/guarded?token=a', { 'x-token': 'a' }, admitted],
    ['of two of which the first is missing', `${header}, ${query}`, '/guarded?token=a', {}, refused],
    ['of two of which the second is missing', `${header}, ${query}`, '/guarded', { 'x-token': 'a' }, refused],
    ['that is of the context', 'context.identity.sourceIp', '/guarded', {}, admitted],
    ['that the context has no value for', 'context.identity.user', '/guarded', {}, refused],
    ['that the context does not know', 'context.constructor.name', '/guarded', {}, refused],
    ['that is a variable of the stage', 'stageVariables.given', '/guarded', {}, admitted],
    ['that is an empty variable of the stage', 'stageVariables.empty', '/guarded', {}, refused],
    ['that is no variable of the stage', 'stageVariables.constructor', '/guarded', {}, refused],
    ['that is none', '', '/guarded', {}, admitted],
  ])('%s decides whether the function is asked', async (_name, source, path, headers, expected) => {
    expect(await answerTo(source, path, headers)).toEqual(expected);
  });
});
