import { expect, it } from 'vitest';
import { FunctionFailed, PayloadTooLarge, TooManyRequests } from '../../../src/core/invocation.ts';
import { authorizer, method, planKey, policy, protectedBy, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

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
    {
      functions: allowed,
      changes: { Authorizer: authorizer({ IdentitySource: 'method.request.header.x-api-key' }) },
    },
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
    'an API key on no plan of the stage',
    '/guarded',
    { functions: allowed, apiKeys: { find: () => planKey, plansOf: () => ['weir-test-OtherPlan'] } },
    403,
    ...forbidden,
  ],
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
  [
    'what should be base64 and is not',
    '/items',
    { functions: { serve: () => ({ statusCode: 200, body: '{}', isBase64Encoded: true }) } },
    500,
    ...internal,
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
    'a body that is too large for a function',
    '/items',
    { functions: { serve: rejects(new PayloadTooLarge('verb', 7_000_000)) } },
    413,
    'RequestTooLargeException',
    '{"message":"Request Too Long"}',
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

it('a content coding that AWS does not know is answered as by AWS', async () => {
  const headers = { 'content-encoding': 'br' };

  const answer = await answerTo('/items', {}, { method: 'POST', headers, body: 'x' });

  expect(answer).toMatchObject({
    status: 415,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'UnsupportedMediaTypeException' },
  });
  expect(answer.body.toString()).toBe('{"message":"Unsupported Media Type"}');
});

it('a client that accepts what is no media type is answered as any other', async () => {
  const answer = await answerTo('/unknown', {}, { headers: { accept: 'constructor' } });

  expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/json']);
});

async function answerTo(path: string, { functions = {}, changes, apiKeys }: Start, request: RawRequest = {}) {
  const running = await startGateway(functions, changes, apiKeys);
  return rawRequest(`${running.url}${path}`, request);
}
