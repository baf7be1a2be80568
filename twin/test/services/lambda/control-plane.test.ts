import { GetAliasCommand, InvokeCommand, LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import {
  FunctionFailed,
  type Invoker,
  PayloadTooLarge,
  TooManyRequests,
} from '../../../src/core/invocation.ts';
import type { Step } from '../../../src/core/proxy/aws-call.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { Roles } from '../../../src/services/iam/function-roles.ts';
import { Permissions } from '../../../src/services/iam/permissions.ts';
import { unusedGrants } from '../../../src/services/iam/unused-grants.ts';
import { createLambdaControl } from '../../../src/services/lambda/control-plane.ts';
import { Versions } from '../../../src/services/lambda/versions.ts';
import { connectedProxy, functionArn, templateOf } from '../../fixture.ts';

const role = { 'Fn::GetAtt': ['Role', 'Arn'] };
const template = templateOf({
  Settle: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'weir-dev-settle', Role: role } },
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Settle' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: 'Settle' },
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
      Name: 'live',
    },
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        ],
      },
    },
  },
});

const versions = new Versions({ template, random: () => 0.5 });
versions.start();

let stop = async () => {};
afterEach(() => stop());

type Invoke = Invoker['invoke'];

async function start(invoke: Invoke, accessKeyId = 'WEIROPERATOR') {
  const called: unknown[] = [];
  const later: unknown[] = [];
  const operations: string[] = [];
  const permissions = new Permissions({
    template,
    roles: new Roles(template),
    explained: unusedGrants,
    report: () => undefined,
  });
  const callers = createCallers();
  callers.accessKeyIdOf('settle');
  const note: Step = (call, next) => {
    operations.push(call.operation);
    return next(call);
  };
  const proxy = connectedProxy({
    callers,
    steps: [note, permissions.step],
    report: (problem) => expect.fail(problem),
    destinations: {
      lambda: {
        answer: createLambdaControl({
          template,
          functions: {
            invoke: (arn, event, options) => {
              called.push({ arn, event });
              return invoke(arn, event, options);
            },
          },
          configuration: () => undefined,
          invocations: { invoke: (arn, event) => later.push({ arn, event }) },
          versions,
        }),
      },
    },
  });
  await proxy.start();
  const client = new LambdaClient({
    endpoint: proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  stop = async () => {
    client.destroy();
    await proxy.end();
  };
  return { client, called, later, operations };
}

const request = (more: Partial<ConstructorParameters<typeof InvokeCommand>[0]> = {}) =>
  new InvokeCommand({ FunctionName: 'weir-dev-settle', Payload: JSON.stringify({ a: 1 }), ...more });

describe('an operator who invokes a function', () => {
  it.each([
    ['its name', 'weir-dev-settle'],
    ['its ARN', functionArn('weir-dev-settle')],
  ])('by %s gets its answer', async (_what, FunctionName) => {
    const { client, called } = await start(async () => ({ outcome: 'stored' }));

    const { StatusCode, FunctionError, ExecutedVersion, Payload } = await client.send(
      request({ FunctionName }),
    );

    expect({ StatusCode, FunctionError, ExecutedVersion }).toEqual({
      StatusCode: 200,
      FunctionError: undefined,
      ExecutedVersion: '$LATEST',
    });
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ outcome: 'stored' });
    expect(called).toEqual([{ arn: functionArn('weir-dev-settle'), event: { a: 1 } }]);
  });

  it('without an event gives it an empty one', async () => {
    const { client, called } = await start(async () => null);

    await client.send(request({ Payload: undefined }));

    expect(called).toMatchObject([{ event: {} }]);
  });

  it('is told what it threw, as an answer and not as an error', async () => {
    const payload = { errorType: 'UnknownTask', errorMessage: 'none of these', trace: [] };
    const { client } = await start(() => Promise.reject(new FunctionFailed('settle', payload)));

    const { StatusCode, FunctionError, Payload } = await client.send(request());

    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual(payload);
  });

  it('without waiting is heard, and hears nothing', async () => {
    const { client, called, later } = await start(async () => 'never');

    const { StatusCode, Payload } = await client.send(request({ InvocationType: 'Event' }));

    expect({ StatusCode, bytes: Payload?.length ?? 0 }).toEqual({ StatusCode: 202, bytes: 0 });
    expect(called).toEqual([]);
    expect(later).toEqual([{ arn: functionArn('weir-dev-settle'), event: { a: 1 } }]);
  });

  it.each([
    ['is not there', request({ FunctionName: 'weir-dev-nobody' }), 'ResourceNotFoundException', 404],
    [
      'is not there, without waiting',
      request({ FunctionName: 'weir-dev-nobody', InvocationType: 'Event' }),
      'ResourceNotFoundException',
      404,
    ],
    ['gets no JSON', request({ Payload: 'no JSON' }), 'InvalidRequestContentException', 400],
    ['has no such alias', request({ Qualifier: 'nobody' }), 'ResourceNotFoundException', 404],
    ['has no such version', request({ Qualifier: '7' }), 'ResourceNotFoundException', 404],
    ['is only tried', request({ InvocationType: 'DryRun' }), 'NotModelled', 501],
  ])('that %s is refused: %#', async (_what, command, name, httpStatusCode) => {
    const { client, called, later } = await start(async () => 'never');

    await expect(client.send(command)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect([...called, ...later]).toEqual([]);
  });

  it.each([
    ['has no room for one more', new TooManyRequests('settle', 1), 'TooManyRequestsException', 429],
    ['is given too much', new PayloadTooLarge('settle', 7_000_000), 'RequestTooLargeException', 413],
  ])('that %s is refused', async (_what, error, name, httpStatusCode) => {
    const { client } = await start(() => Promise.reject(error));

    await expect(client.send(request())).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  it('is counted under one name, whatever the function', async () => {
    const { client, operations } = await start(async () => null);

    await client.send(request());
    await client.send(request({ FunctionName: 'weir-dev-nobody' })).catch(() => undefined);

    expect(operations).toEqual(Array(2).fill('POST /functions/{id}/invocations'));
  });
});

it('a function may invoke none', async () => {
  const { client, called } = await start(async () => null, createCallers().accessKeyIdOf('settle'));

  await expect(client.send(request())).rejects.toMatchObject({ name: 'AccessDeniedException' });
  expect(called).toEqual([]);
});

describe('an alias', () => {
  const alias = { FunctionName: 'weir-dev-settle', Name: 'live' };

  it.each([
    ['with the name', { FunctionName: 'weir-dev-settle:live' }],
    ['as a parameter', { FunctionName: 'weir-dev-settle', Qualifier: 'live' }],
    ['in the ARN', { FunctionName: functionArn('weir-dev-settle:live') }],
  ])('given %s is called, and the version that ran is told', async (_how, name) => {
    const { client, called } = await start(async (_arn, _event, options) => {
      options?.onVersion?.('1');
      return null;
    });

    const { ExecutedVersion } = await client.send(new InvokeCommand({ ...name, Payload: '{}' }));

    expect(called).toEqual([{ arn: functionArn('weir-dev-settle:live'), event: {} }]);
    expect(ExecutedVersion).toBe('1');
  });

  it('is pointed to other versions, and tells them', async () => {
    const { client } = await start(async () => null);
    const second = versions.publish('weir-dev-settle');
    const shared = { RoutingConfig: { AdditionalVersionWeights: { [second]: 0.1 } } };

    expect(await client.send(new GetAliasCommand(alias))).toMatchObject({ FunctionVersion: '1' });
    await client.send(new UpdateAliasCommand({ ...alias, ...shared }));
    expect(await client.send(new GetAliasCommand(alias))).toMatchObject({ FunctionVersion: '1', ...shared });

    const whole = { FunctionVersion: second, RoutingConfig: { AdditionalVersionWeights: {} } };
    const { RoutingConfig, ...answer } = await client.send(new UpdateAliasCommand({ ...alias, ...whole }));
    expect(answer).toMatchObject({
      AliasArn: functionArn('weir-dev-settle:live'),
      Name: 'live',
      FunctionVersion: second,
    });
    expect(RoutingConfig).toBeUndefined();
    await client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: '1' }));
  });

  it.each([
    ['a version that is not there', { FunctionVersion: '99' }, 'InvalidParameterValueException'],
    [
      'a weight over 1',
      { RoutingConfig: { AdditionalVersionWeights: { 1: 1.5 } } },
      'InvalidParameterValueException',
    ],
    ['another alias', { Name: 'nobody' }, 'ResourceNotFoundException'],
    ['another function', { FunctionName: 'weir-dev-nobody' }, 'ResourceNotFoundException'],
  ])('is not pointed to %s', async (_what, change, name) => {
    const { client } = await start(async () => null);

    await expect(client.send(new UpdateAliasCommand({ ...alias, ...change }))).rejects.toMatchObject({
      name,
    });
    expect(await client.send(new GetAliasCommand(alias))).toMatchObject({ FunctionVersion: '1' });
  });
});
