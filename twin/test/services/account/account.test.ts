import { expect, it } from 'vitest';
import { signedHeaders } from '../../../src/core/engine-call.ts';
import { errorAnswer, type Next } from '../../../src/core/proxy/aws-call.ts';
import { createCallers, identify } from '../../../src/core/proxy/identify.ts';
import { WrongInput } from '../../../src/pages/pages.ts';
import { createAccount } from '../../../src/services/account/account.ts';
import { templateOf } from '../../fixture.ts';

const start = () => {
  const account = createAccount(
    templateOf({
      One: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'one', ReservedConcurrentExecutions: 300 },
      },
      Two: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'two' } },
      Fixed: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 3 } },
      Growing: {
        Type: 'AWS::Kinesis::Stream',
        Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
      },
    }),
  );
  const next: Next = async () => errorAnswer(501, 'NotModelled', 'not of the account');
  const ask = async (service: string, method: string, url: string, headers: object = {}) => {
    const call = identify(
      { method, url, headers: { ...signedHeaders(service), ...headers }, body: Buffer.from('') },
      createCallers(),
    );
    const answer = await account.steps?.[0]?.(call, next);
    return { status: answer?.status, json: JSON.parse(answer?.body.toString() ?? '') };
  };
  const page = (name: string, input = '') => account.pages?.[name]?.answer(input, new URLSearchParams());
  return { account, ask, page };
};
const settings = ['lambda', 'GET', '/2016-08-19/account-settings'] as const;

it('tells the concurrency of the account, and what is not reserved of it', async () => {
  const { ask, page } = start();

  expect((await ask(...settings)).json).toEqual({
    AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 700 },
    AccountUsage: { FunctionCount: 2 },
  });
  page('PUT /account', '{"lambda_concurrency":10}');
  expect((await ask(...settings)).json.AccountLimit).toEqual({
    ConcurrentExecutions: 10,
    UnreservedConcurrentExecutions: 0,
  });
  page('DELETE /account');
  expect((await ask(...settings)).json.AccountLimit.ConcurrentExecutions).toBe(1000);
});

it('tells the limits of Kinesis, and what the template uses of them', async () => {
  const { ask } = start();

  const { json } = await ask('kinesis', 'POST', '/', { 'x-amz-target': 'Kinesis_20131202.DescribeLimits' });

  expect(json).toEqual({
    ShardLimit: 500,
    OpenShardCount: 3,
    OnDemandStreamCountLimit: 50,
    OnDemandStreamCount: 1,
  });
});

it('passes every other call on', async () => {
  const { ask } = start();

  expect((await ask('lambda', 'POST', '/2015-03-31/functions/one/invocations')).status).toBe(501);
});

it.each(['', '[]', '{"lambda_concurrency":-1}', '{"lambda_concurrency":"10"}', '{"other":1}'])(
  'refuses the quotas %j',
  (input) => {
    const { page } = start();

    expect(() => page('PUT /account', input)).toThrow(WrongInput);
  },
);
