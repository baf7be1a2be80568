import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FunctionFailed } from '../../../src/core/invocation.ts';
import { type FakeFunction, gatewayResponse, policy, stage, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

/** As an app asks for them: who, what, how it ended and how long it took. */
const usualFields = {
  requestId: '$context.requestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  accountId: '$context.authorizer.account_id',
  keyId: '$context.authorizer.key_id',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  responseLatencyMs: '$context.responseLatency',
  authorizerLatencyMs: '$context.authorizer.latency',
  integrationLatencyMs: '$context.integrationLatency',
  responseBytes: '$context.responseLength',
  authorizerError: '$context.authorizer.error',
  responseType: '$context.error.responseType',
};

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-access-log-'));
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const paths = [
  'authorizer.account_id',
  'authorizer.error',
  'authorizer.integrationLatency',
  'authorizer.latency',
  'authorizer.principalId',
  'authorizer.status',
  'domainName',
  'error.message',
  'error.responseType',
  'httpMethod',
  'identity.apiKeyId',
  'identity.sourceIp',
  'integration.error',
  'integration.latency',
  'integration.status',
  'integrationLatency',
  'path',
  'protocol',
  'requestTimeEpoch',
  'resourcePath',
  'responseLatency',
  'responseLength',
  'status',
];
const format = JSON.stringify(Object.fromEntries(paths.map((path) => [path, `$context.${path}`])));

const loggingStage = (Format: string | undefined) =>
  stage({ ...(Format !== undefined && { AccessLogSetting: { DestinationArn: 'arn', Format } }) });

/** Takes that long on the clock by which the gateway measures. */
const after =
  (durationMs: number, work: FakeFunction): FakeFunction =>
  (event) => {
    vi.advanceTimersByTime(durationMs);
    return work(event);
  };
const allows = after(30, () => policy('Allow', '*', { context: { account_id: 'acme' } }));
const answers = after(100, () => ({ statusCode: 201, body: 'four' }));
const fails = (errorMessage: string) => () =>
  Promise.reject(new FunctionFailed('verb', { errorType: 'Error', errorMessage, trace: [] }));

/** The lines that a request leaves. */
async function linesOf(
  path: string,
  functions: Readonly<Record<string, FakeFunction>>,
  options: {
    readonly request?: RawRequest;
    readonly Format?: string | undefined;
    readonly accessLogFile?: string | undefined;
  } = {},
): Promise<readonly Readonly<Record<string, string>>[]> {
  const usual = { Format: format, accessLogFile: join(folder, 'access.log') };
  const { request, Format, accessLogFile } = { ...usual, ...options };
  const changes = { Stage: loggingStage(Format), Denied: gatewayResponse('ACCESS_DENIED', '418', '{}') };
  const { end, url } = await startGateway(functions, changes, undefined, { accessLogFile });
  await rawRequest(`${url}${path}`, request);
  await end();
  const file = join(folder, 'access.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line));
}

describe('the access log', () => {
  it('tells of a request who made it, how it ended, and where its time went', async () => {
    const request = { headers: { host: 'example.com', 'x-weir-client-address': '192.0.2.7' } };

    const lines = await linesOf('/guarded?secret=1', { authorize: allows, serve: answers }, { request });

    expect(lines).toEqual([
      {
        'authorizer.account_id': 'acme',
        'authorizer.error': '-',
        'authorizer.integrationLatency': '30',
        'authorizer.latency': '30',
        'authorizer.principalId': 'key-id',
        'authorizer.status': '200',
        domainName: 'example.com',
        'error.message': '-',
        'error.responseType': '-',
        httpMethod: 'GET',
        'identity.apiKeyId': 'key-1',
        'identity.sourceIp': '192.0.2.7',
        'integration.error': '-',
        'integration.latency': '100',
        'integration.status': '201',
        integrationLatency: '100',
        path: '/api/guarded',
        protocol: 'HTTP/1.1',
        requestTimeEpoch: String(Date.UTC(2026, 10, 21, 5, 0, 36)),
        resourcePath: '/guarded',
        responseLatency: '130',
        responseLength: '4',
        status: '201',
      },
    ]);
  });

  it('writes a dash for what it does not know', async () => {
    expect(await linesOf('/unknown', {})).toMatchObject([
      {
        'authorizer.account_id': '-',
        'authorizer.latency': '-',
        'error.message': 'Missing Authentication Token',
        'error.responseType': 'MISSING_AUTHENTICATION_TOKEN',
        'identity.apiKeyId': '-',
        integrationLatency: '-',
        resourcePath: '-',
        status: '403',
      },
    ]);
  });

  it.each<[name: string, authorize: FakeFunction, expected: object]>([
    [
      'refused',
      fails('Unauthorized'),
      { 'authorizer.error': 'Unauthorized', 'authorizer.status': '401', status: '401' },
    ],
    ['failed', fails('boom'), { 'authorizer.error': 'verb: Error: boom', 'authorizer.status': '500' }],
    [
      'answered nonsense',
      () => ({}),
      { 'authorizer.error': expect.stringContaining('no principalId'), 'authorizer.status': '500' },
    ],
    [
      'denied',
      () => policy('Deny', '*', { context: { account_id: 'acme' } }),
      {
        'authorizer.account_id': 'acme',
        'authorizer.error': '-',
        'authorizer.status': '200',
        'error.responseType': 'ACCESS_DENIED',
        // As the template has it.
        status: '418',
      },
    ],
  ])('tells that the authorizer %s, and how long it took', async (_name, authorize, expected) => {
    const lines = await linesOf('/guarded', { authorize: after(30, authorize) });

    expect(lines).toMatchObject([{ 'authorizer.latency': '30', responseLatency: '30', ...expected }]);
  });

  it('tells whose request it was that the function failed', async () => {
    const lines = await linesOf('/guarded', { authorize: allows, serve: after(50, fails('boom')) });

    expect(lines).toMatchObject([
      {
        'authorizer.account_id': 'acme',
        'error.message': 'Internal server error',
        'error.responseType': 'INTEGRATION_FAILURE',
        'integration.error': 'verb: Error: boom',
        'integration.latency': '50',
        'integration.status': '-',
        status: '502',
      },
    ]);
  });

  it('knows every field of such a format', async () => {
    const [line] = await linesOf(
      '/guarded',
      {
        authorize: after(0, () => policy('Allow', '*', { context: { account_id: 'a', key_id: 'k' } })),
        serve: answers,
      },
      { Format: JSON.stringify(usualFields) },
    );

    const { authorizerError, responseType, ...ofSuccess } = line ?? {};
    expect([authorizerError, responseType]).toEqual(['-', '-']);
    expect(Object.values(ofSuccess)).not.toContain('-');
    expect(Object.values(ofSuccess).join()).not.toContain('$');
  });

  it('goes on in its file after a restart', async () => {
    await linesOf('/items', { serve: answers });

    expect(await linesOf('/items', { serve: answers })).toHaveLength(2);
  });

  it.each([
    ['the stage has no format', { Format: undefined }],
    ['it is given no folder', { accessLogFile: undefined }],
    ['the twin answers for itself', { request: { headers: { 'x-weir-client-address': 'nowhere' } } }],
  ])('has nothing where %s', async (_name, options) => {
    expect(await linesOf('/items', { serve: answers }, options)).toEqual([]);
  });
});
