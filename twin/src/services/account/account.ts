// The AWS account: who calls (STS), and its quotas with what is used of them, as Lambda and Kinesis tell them. The quotas
// are those of an account in use, until a page sets others.

import { isJsonRecord } from '../../core/json-record.ts';
import {
  type AwsAnswer,
  type AwsCall,
  errorAnswer,
  jsonAnswer,
  type Step,
} from '../../core/proxy/aws-call.ts';
import type { Service } from '../../core/service.ts';
import { WrongInput } from '../../pages/pages.ts';
import { twinAccount } from '../../template/pseudo-parameters.ts';
import type { Template } from '../../template/template.ts';

const usual = {
  lambda_concurrency: 1000,
  kinesis_shards: 500,
  kinesis_on_demand_streams: 50,
  bootstrap_version: 30,
};
export type AccountQuotas = { -readonly [Name in keyof typeof usual]: number };

export type Account = Service & {
  /** Of the stack of `cdk bootstrap`; 0: there is none. */
  readonly bootstrapVersion: () => number;
};

export function createAccount(template: Template): Account {
  let quotas: AccountQuotas = { ...usual };
  return {
    name: 'sts',
    destination: { answer: answerSts },
    steps: [
      async (call, next) => (answers(call) ?? (() => next(call)))({ template, quotas, call }),
    ] satisfies Step[],
    pages: {
      'GET /account': { about: 'the quotas of the AWS account', answer: () => quotas },
      'PUT /account': {
        about: 'sets quotas: {"lambda_concurrency": 10}',
        answer: (input) => {
          quotas = { ...quotas, ...readQuotas(input) };
          return quotas;
        },
      },
      'DELETE /account': {
        about: 'the usual quotas again',
        answer: () => {
          quotas = { ...usual };
          return quotas;
        },
      },
    },
    bootstrapVersion: () => quotas.bootstrap_version,
  };
}

function readQuotas(input: string): Partial<AccountQuotas> {
  const known = Object.keys(usual);
  try {
    const given: unknown = JSON.parse(input);
    if (
      isJsonRecord(given) &&
      Object.entries(given).every(
        ([name, value]) => known.includes(name) && Number.isInteger(value) && Number(value) >= 0,
      )
    )
      return given as Partial<AccountQuotas>;
  } catch {
    // It is told below what would be right.
  }
  throw new WrongInput(`Send an object of whole numbers, with some of ${known.join(', ')}.`);
}

type Asked = { readonly template: Template; readonly quotas: AccountQuotas; readonly call: AwsCall };
type Answers = (asked: Asked) => Promise<AwsAnswer>;

/** Undefined for calls that are not about the account. */
function answers({ service, operation, method, url }: AwsCall): Answers | undefined {
  if (service === 'kinesis' && operation === 'DescribeLimits') return describeLimits;
  if (service !== 'lambda' || method !== 'GET') return undefined;
  const [pathname = ''] = url.split('?');
  return /^\/2016-08-19\/account-settings\/?$/.test(pathname) ? accountSettings : undefined;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html */
async function accountSettings({ template, quotas }: Asked): Promise<AwsAnswer> {
  const reserved = template
    .resources('AWS::Lambda::Function')
    .reduce((sum, { properties }) => sum + Number(properties.ReservedConcurrentExecutions ?? 0), 0);
  const ConcurrentExecutions = quotas.lambda_concurrency;
  return jsonAnswer(200, {
    AccountLimit: {
      ConcurrentExecutions,
      UnreservedConcurrentExecutions: Math.max(0, ConcurrentExecutions - reserved),
    },
    AccountUsage: { FunctionCount: template.resources('AWS::Lambda::Function').length },
  });
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html */
async function describeLimits({ template, quotas }: Asked): Promise<AwsAnswer> {
  const streams = template.resources('AWS::Kinesis::Stream').map(({ properties }) => {
    const { StreamMode } = (properties.StreamModeDetails ?? {}) as { readonly StreamMode?: string };
    return { isOnDemand: StreamMode === 'ON_DEMAND', shards: Number(properties.ShardCount ?? 0) };
  });
  return jsonAnswer(200, {
    ShardLimit: quotas.kinesis_shards,
    OpenShardCount: streams.reduce((sum, { shards }) => sum + shards, 0),
    OnDemandStreamCountLimit: quotas.kinesis_on_demand_streams,
    OnDemandStreamCount: streams.filter(({ isOnDemand }) => isOnDemand).length,
  });
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
async function answerSts({ operation }: AwsCall): Promise<AwsAnswer> {
  if (operation !== 'GetCallerIdentity')
    return errorAnswer(501, 'NotModelled', `The local twin has no ${operation} of STS.`);
  const { accountId } = twinAccount;
  const text =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
    `<Arn>arn:aws:iam::${accountId}:user/operator</Arn><UserId>operator</UserId><Account>${accountId}</Account>` +
    '</GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata>' +
    '</GetCallerIdentityResponse>';
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}
