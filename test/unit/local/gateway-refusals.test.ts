import { afterEach, expect, it } from 'vitest';
import { FunctionFailed, TooManyRequests } from '../../../local/functions/function-errors.ts';
import { method, planKey, policy, protectedBy, startGateway, type TestGateway } from './gateway-fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

let running: TestGateway | undefined;

afterEach(async () => {
  await running?.gateway.end();
  running = undefined;
});

type Start = {
  readonly functions?: Parameters<typeof startGateway>[0];
  readonly changes?: Parameters<typeof startGateway>[1];
  readonly apiKeys?: Parameters<typeof startGateway>[2];
};

const rejects = (error: Error) => () => Promise.reject(error);
const failed = (errorMessage: string) =>
  rejects(new FunctionFailed('verb', { errorType: 'Error', errorMessage, trace: [] }));
const allowed = { authorize: () => policy('Allow', '*'), serve: () => ({ statusCode: 200 }) };
const keyed = (usageIdentifierKey: string | undefined): Start => ({
  functions: { ...allowed, authorize: () => policy('Allow', '*', { usageIdentifierKey }) },
});
const withIdentitySource = (IdentitySource: string) => ({
  Authorizer: {
    Type: 'AWS::ApiGateway::Authorizer',
    Properties: {
      RestApiId: { Ref: 'Api' },
      Type: 'REQUEST',
      AuthorizerUri: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:x/invocations',
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource,
    },
  },
});

const internal = ['InternalServerErrorException', '{"message":"Internal server error"}'] as const;
const forbidden = ['ForbiddenException', '{"message":"Forbidden"}'] as const;
const missingToken = [
  'MissingAuthenticationTokenException',
  '{"message":"Missing Authentication Token"}',
] as const;
const authorizerFailed = ['AuthorizerConfigurationException', '{"message":null}'] as const;

it.each<[name: string, path: string, start: Start, status: number, errorType: string, body: string]>([
  ['an unknown route', '/unknown', {}, 403, ...missingToken],
  [
    'the wrong method of a known path',
    '/guarded',
    { changes: { GuardedMethod: method('Guarded', { ...protectedBy, HttpMethod: 'POST' }) } },
    403,
    ...missingToken,
  ],
  [
    'a missing identity source',
    '/guarded',
    { functions: allowed, changes: withIdentitySource('method.request.header.x-api-key') },
    401,
    'UnauthorizedException',
    '{"message":"Unauthorized"}',
  ],
  [
    'an authorizer that throws Unauthorized',
    '/guarded',
    { functions: { authorize: failed('Unauthorized') } },
    401,
    'UnauthorizedException',
    '{"message":"Unauthorized"}',
  ],
  [
    'an authorizer that denies',
    '/guarded',
    { functions: { authorize: () => policy('Deny', '*') } },
    403,
    'AccessDeniedException',
    '{"message":"User is not authorized to access this resource"}',
  ],
  [
    'an authorizer that fails',
    '/guarded',
    { functions: { authorize: failed('boom') } },
    500,
    ...authorizerFailed,
  ],
  [
    'an authorizer that answers nonsense',
    '/guarded',
    { functions: { authorize: () => ({}) } },
    500,
    ...authorizerFailed,
  ],
  ['no API key', '/guarded', keyed(undefined), 403, ...forbidden],
  ['an unknown API key', '/guarded', keyed('unknown'), 403, ...forbidden],
  [
    'a disabled API key',
    '/guarded',
    {
      functions: allowed,
      apiKeys: { find: () => ({ ...planKey, enabled: false }), plansOf: () => ['weir-test-Plan'] },
    },
    403,
    ...forbidden,
  ],
  ['a malformed answer', '/items', { functions: { serve: () => 'text' } }, 502, ...internal],
  ['a function that fails', '/items', { functions: { serve: failed('boom') } }, 502, ...internal],
  [
    'a function without a free environment',
    '/items',
    { functions: { serve: rejects(new TooManyRequests('verb', 1)) } },
    500,
    ...internal,
  ],
  [
    'a function that takes too long',
    '/items',
    { functions: { serve: () => new Promise(() => undefined) } },
    504,
    'InternalServerErrorException',
    '{"message":"Endpoint request timed out"}',
  ],
])('%s is answered as by AWS', async (_name, path, start, status, errorType, body) => {
  const answer = await answerTo(path, start);

  expect(answer).toMatchObject({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': errorType },
  });
  expect(answer.body.toString()).toBe(body);
});

it('more than 10 MB are answered as by AWS', async () => {
  const answer = await answerTo('/items', {}, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });

  expect(answer).toMatchObject({
    status: 413,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'RequestTooLargeException' },
  });
  expect(answer.body.toString()).toBe('{"message":"Request Too Long"}');
});

it('a client that accepts what is no media type is answered as any other', async () => {
  const answer = await answerTo('/unknown', {}, { headers: { accept: 'constructor' } });

  expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/json']);
});

async function answerTo(path: string, { functions = {}, changes, apiKeys }: Start, request: RawRequest = {}) {
  running = await startGateway(functions, changes, apiKeys);
  return rawRequest(`${running.url}${path}`, request);
}
