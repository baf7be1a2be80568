import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  APIGatewayEventIdentity,
  APIGatewayProxyEvent,
  APIGatewayRequestAuthorizerEvent,
} from 'aws-lambda';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { authorizerEvent, proxyEvent } from '../../../src/services/api-gateway/events.ts';
import { method, pathResource, policy, protectedBy, restApi, root, stage, startGateway } from './fixture.ts';
import { type RawRequest, rawRequest } from './raw-request.ts';

type Event = Readonly<Record<string, unknown>>;
type Changes = Parameters<typeof startGateway>[1];
type Reasons = Readonly<Record<string, string>>;

/** The events that the authorizer and the function received. */
async function eventsFor(path: string, init: RawRequest = {}, changes: Changes = {}) {
  let authorizer: Event = {};
  let proxy: Event = {};
  const running = await startGateway(
    {
      authorize: (event) => {
        authorizer = event;
        return policy('Allow', '*', { context: { account_id: 'acme' } });
      },
      serve: (event) => {
        proxy = event;
        return { statusCode: 200 };
      },
    },
    changes,
  );
  const answer = await rawRequest(`${running.url}${path}`, init);
  return { authorizer, proxy, answer };
}

const contextOf = (event: Event) => event.requestContext as Readonly<Record<string, unknown>>;

describe('an event as AWS documents it', () => {
  const liveStage = (changes: object = {}) =>
    stage({ StageName: 'live', DeploymentId: 'dep123', ...changes });
  const textApi = restApi({});

  /** Whatever was sent and configured is compared by value; these are not the request's. */
  const sameTypeOnly: Reasons = {
    methodArn: 'the twin has an account and an API of its own',
    'headers.X-Amzn-Trace-Id': 'made for each request',
    'headers.X-Forwarded-Port': 'the twin has a port of its own',
    'headers.X-Forwarded-Proto': 'the twin speaks HTTP',
    'multiValueHeaders.X-Amzn-Trace-Id[0]': 'made for each request',
    'multiValueHeaders.X-Forwarded-Port[0]': 'the twin has a port of its own',
    'multiValueHeaders.X-Forwarded-Proto[0]': 'the twin speaks HTTP',
    'requestContext.accountId': 'the twin has an account of its own',
    'requestContext.apiId': 'the twin has an API of its own',
    'requestContext.extendedRequestId': 'made for each request',
    'requestContext.requestId': 'made for each request',
    'requestContext.requestTime': 'of the clock',
    'requestContext.requestTimeEpoch': 'of the clock',
    'requestContext.resourceId': 'the twin has an API of its own',
  };
  const addedLater: Reasons = {
    'requestContext.deploymentId': '"API Gateway may add new keys to the map", and $context has it',
  };
  const mutualTls: Reasons = {
    'requestContext.identity.clientCert': 'only of domains that ask for mutual TLS',
  };
  const sentByGateway = [
    'Host',
    'X-Amzn-Trace-Id',
    'X-Forwarded-For',
    'X-Forwarded-Port',
    'X-Forwarded-Proto',
  ];
  const listed = (paths: readonly string[], reason: string): Reasons =>
    Object.fromEntries(paths.map((path) => [path, reason]));

  type Case = {
    readonly fixture: string;
    readonly changes: Changes;
    /** Of the documented event, and of the twin's; each with the reason. */
    readonly onlyDocumented: Reasons;
    readonly onlyHere: Reasons;
  };

  it.each<[event: string, received: 'proxy' | 'authorizer', Case]>([
    [
      'the proxy event of a GET without anything',
      'proxy',
      {
        fixture: 'proxy-event.json',
        changes: { Stage: liveStage(), RootMethod: { ...method(''), ...methodOn(root) } },
        onlyDocumented: {},
        onlyHere: addedLater,
      },
    ],
    [
      'the proxy event with several values',
      'proxy',
      {
        fixture: 'proxy-event-several-values.json',
        changes: {
          Api: textApi,
          Stage: liveStage(),
          My: pathResource(root, 'my'),
          MyPath: pathResource({ Ref: 'My' }, 'path'),
          MyPathMethod: method('MyPath'),
        },
        onlyDocumented: {
          ...mutualTls,
          'requestContext.authorizer': 'of another kind of authorizer than this API has',
          'requestContext.path': 'the example leaves out the stage, which the other one has',
          'requestContext.resourceId': 'null in an example that was made by hand',
          'requestContext.identity.userAgent': 'the example has one without having sent it',
        },
        onlyHere: {
          ...addedLater,
          ...listed(
            sentByGateway.flatMap((name) => [`headers.${name}`, `multiValueHeaders.${name}`]),
            'the example leaves out what the gateway adds',
          ),
          'requestContext.path': 'with the stage',
          'requestContext.resourceId': 'every resource has one',
          'requestContext.identity.userAgent': 'null, as none was sent',
        },
      },
    ],
    [
      'the input of a REQUEST authorizer',
      'authorizer',
      {
        fixture: 'authorizer-event.json',
        changes: {
          Api: textApi,
          Stage: liveStage({ Variables: { StageVar1: 'three' } }),
          Request: pathResource(root, 'request'),
          RequestMethod: method('Request', { ...protectedBy, ApiKeyRequired: false }),
        },
        onlyDocumented: {
          ...mutualTls,
          'requestContext.identity.apiKey': 'where keys come in a header and the method asks for one',
          'requestContext.path': 'the example leaves out the stage',
        },
        onlyHere: {
          ...addedLater,
          'requestContext.path': 'with the stage',
          ...listed(
            [
              ...sentByGateway.map((name) => `headers.${name}`),
              'multiValueHeaders',
              'multiValueQueryStringParameters',
              ...['domainName', 'domainPrefix', 'extendedRequestId', 'protocol', 'requestTime'].map(
                (name) => `requestContext.${name}`,
              ),
              'requestContext.requestTimeEpoch',
              ...['accessKey', 'accountId', 'caller', 'principalOrgId', 'user', 'userAgent', 'userArn'].map(
                (name) => `requestContext.identity.${name}`,
              ),
              ...['AuthenticationProvider', 'AuthenticationType', 'IdentityId', 'IdentityPoolId'].map(
                (name) => `requestContext.identity.cognito${name}`,
              ),
            ],
            'the example shows "some of the request context variables"',
          ),
        },
      },
    ],
  ])('%s has the same members, types and values', async (_event, received, example) => {
    const documented = fixture(example.fixture);

    const events = await eventsFor(...requestOf(documented), example.changes);

    expect(events.answer.status).toBe(200);
    expect(flatten(events[received], example.onlyHere)).toEqual(flatten(documented, example.onlyDocumented));
    expect(notIn(events[received], example.onlyHere)).toEqual([]);
    expect(notIn(documented, example.onlyDocumented)).toEqual([]);
  });

  /** A list of differences holds nothing that is none. */
  function notIn(event: Event, reasons: Reasons): readonly string[] {
    const paths = Object.keys(flatten(event, {}));
    return Object.keys(reasons).filter(
      (listed) => !paths.some((path) => path === listed || /^[.[]/.test(path.replace(listed, ''))),
    );
  }

  function methodOn(resourceId: unknown) {
    const { Properties } = method('');
    return { Properties: { ...Properties, ResourceId: resourceId } };
  }

  function fixture(name: string): Event {
    const { $comment: _, ...event } = JSON.parse(readFileSync(resolve('test/fixtures', name), 'utf8'));
    return event;
  }

  /** What a client has to send so that the gateway makes that event of it. */
  function requestOf(event: Event): [path: string, init: RawRequest] {
    const values = (event.multiValueQueryStringParameters ??
      Object.fromEntries(
        Object.entries((event.queryStringParameters ?? {}) as Record<string, string>).map(([name, value]) => [
          name,
          [value],
        ]),
      )) as Record<string, string[]>;
    const query = Object.entries(values).flatMap(([name, all]) => all.map((value) => `${name}=${value}`));
    const { identity, domainName = 'example.com' } = contextOf(event);
    const given = (event.multiValueHeaders ?? event.headers) as Record<string, string | string[]>;
    const sent = Object.entries(given).filter(([name]) => !/^(Host|X-Amzn-.*|X-Forwarded-.*)$/.test(name));
    return [
      `${event.path}${query.length > 0 ? '?' : ''}${query.join('&')}`,
      {
        method: String(event.httpMethod),
        headers: {
          Host: String(domainName),
          ...Object.fromEntries(sent),
          'x-weir-client-address': (identity as { sourceIp: string }).sourceIp,
        },
        ...(typeof event.body === 'string' && { body: event.body }),
      },
    ];
  }

  /** Every value by its path, without those that are left out; of some the type only. */
  function flatten(value: unknown, without: Reasons, path = ''): Record<string, unknown> {
    if (path in without) return {};
    if (path in sameTypeOnly) return { [path]: typeof value };
    if (typeof value !== 'object' || value === null) return { [path]: value };
    const members: [string, unknown][] = Array.isArray(value)
      ? value.map((item, index) => [`${path}[${index}]`, item])
      : Object.entries(value).map(([name, item]) => [path === '' ? name : `${path}.${name}`, item]);
    if (members.length === 0) return { [path]: value };
    return Object.assign({}, ...members.map(([name, item]) => flatten(item, without, name)));
  }
});

it('has every member that the types of functions know', () => {
  type Proxy = ReturnType<typeof proxyEvent>;
  type Authorizer = ReturnType<typeof authorizerEvent>;
  expectTypeOf<Exclude<keyof APIGatewayProxyEvent, keyof Proxy>>().toEqualTypeOf<never>();
  expectTypeOf<Exclude<keyof APIGatewayRequestAuthorizerEvent, keyof Authorizer>>().toEqualTypeOf<never>();
  // Only of domains that ask for mutual TLS, and of private APIs.
  expectTypeOf<
    Exclude<keyof APIGatewayEventIdentity, keyof Proxy['requestContext']['identity']>
  >().toEqualTypeOf<'clientCert' | 'vpcId' | 'vpceId'>();
});
