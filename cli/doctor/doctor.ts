// `weir doctor`: reads the quotas of the AWS account and the settings of a stage, and says what would fail. Before the
// first deploy as after it; it changes nothing.

import type { AwsAccount } from '../../adapters/aws/aws-account.ts';
import type { AccountNeeds } from '../../domain/system/account-needs.ts';
import { stackNamesOf } from '../../domain/system/stage-names.ts';
import { wrapped } from '../terminal/table.ts';
import { defineAccountVerb } from '../verb.ts';
import * as checks from './checks.ts';

export type Check = checks.Finding & { readonly name: string };

/** What of the account is read. */
export type AccountReads = Omit<Pick<AwsAccount, keyof AwsAccount>, 'region'>;

type Read = {
  readonly name: string;
  /** Without which it may not be read. */
  readonly permission: string;
  readonly find: () => Promise<checks.Finding>;
};

export const doctor = defineAccountVerb({
  words: ['doctor'],
  summary: 'say what of the AWS account would keep the stage from being deployed or used',
  examples: ['doctor --stage prod', 'doctor --stage prod --region eu-west-1 --json'],
  options: (command) => command,
  run: async ({ account, needs }) => {
    const all = await examine(account, needs);
    const isWell = all.every(({ state }) => state !== 'fails');
    return {
      json: {
        stage: needs.stage,
        ok: isWell,
        checks: all.map(({ name, state, what, todo }) => ({ name, state, what, todo: todo ?? null })),
      },
      text: all.map(renderCheck).join('\n'),
      ...(!isWell && { code: 1 as const }),
    };
  },
});

export async function examine(account: AccountReads, needs: AccountNeeds): Promise<Check[]> {
  const identity = await account.identity().catch((error: unknown) => refusalOf(error));
  if (typeof identity === 'string')
    return [
      {
        name: 'credentials',
        state: 'fails',
        what: `AWS does not take them: ${identity}`,
        todo: 'Sign in with aws login or aws sso login, and check AWS_PROFILE.',
      },
    ];
  const { stateful, stateless } = stackNamesOf(needs.stage);
  const describing = 'cloudformation:DescribeStacks';
  const statefulStack = once(() => account.stack(stateful));
  const isDeployed = async () => (await statefulStack()) !== undefined;
  const has = once(async () => {
    const outputs = (await statefulStack())?.outputs;
    const names = ['EventStream', 'PriorityEventStream', 'LateEventStream'].flatMap(
      (name) => outputs?.get(name) ?? [],
    );
    return account.streamsOf(names);
  });
  const limits = once(() => account.streamLimits());
  const streams = 'kinesis:DescribeLimits and DescribeStreamSummary';
  const reads: readonly Read[] = [
    {
      name: 'CDK bootstrap',
      permission: `${describing} on CDKToolkit`,
      find: async () => {
        const version = (await account.stack('CDKToolkit'))?.outputs.get('BootstrapVersion');
        return checks.checkBootstrap(
          version === undefined ? undefined : Number(version),
          needs.bootstrapVersion,
          needs.stage,
        );
      },
    },
    {
      name: 'stack with data',
      permission: `${describing} on ${stateful}`,
      find: async () => checks.checkStack(stateful, await statefulStack()),
    },
    {
      name: 'stack of code',
      permission: `${describing} on ${stateless}`,
      find: async () => checks.checkStack(stateless, await account.stack(stateless)),
    },
    {
      name: 'Lambda concurrency',
      permission: 'lambda:GetAccountSettings and GetFunctionConcurrency',
      find: async () =>
        checks.checkConcurrency(needs, {
          ...(await account.concurrency()),
          reserved: needs.reservedConcurrency === 0 ? 0 : await account.reservedFor(needs.functions),
        }),
    },
    {
      name: 'Kinesis shards',
      permission: streams,
      find: async () => checks.checkShards((await limits()).shards, needs.shards, (await has()).shards),
    },
    {
      name: 'on-demand streams',
      permission: streams,
      find: async () =>
        checks.checkOnDemandStreams(
          (await limits()).onDemandStreams,
          needs.onDemandStreams,
          (await has()).onDemandStreams,
        ),
    },
    {
      name: 'usage plans',
      permission: 'apigateway:GET on /usageplans',
      find: async () =>
        checks.checkUsagePlans(await account.countUsagePlans(), needs.usagePlans, await isDeployed()),
    },
    {
      name: 'API keys',
      permission: 'apigateway:GET on /apikeys',
      find: async () => checks.checkApiKeys(await account.countApiKeys()),
    },
  ];
  const found: Check[] = [
    { name: 'credentials', state: 'ok', what: `Account ${identity.account}, ${identity.arn}.` },
    { name: 'clock', ...checks.checkClock(identity.aheadMs) },
    { name: 'region', ...checks.checkRegion(needs, identity.region) },
  ];
  // One after another: AWS takes few such calls a second.
  for (const { name, permission, find } of reads)
    found.push({ name, ...(await find().catch((error: unknown) => unread(error, permission))) });
  return found;
}

const unread = (error: unknown, permission: string): checks.Finding =>
  isDenied(error)
    ? { state: 'warning', what: 'It may not be read.', todo: `Allow ${permission}.` }
    : {
        state: 'fails',
        what: `It cannot be read: ${refusalOf(error)}`,
        todo: 'Check the region and the network, and run the same again.',
      };

/** For want of a permission. */
const isDenied = (error: unknown): boolean =>
  error instanceof Error && /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/.test(error.name);

const longestRefusal = 200;

/** In one line: never a stack, and no page of HTML. */
function refusalOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return `${name}: ${message}`.replace(/\s+/g, ' ').slice(0, longestRefusal);
}

/** Later calls get what the first one got. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => (kept ??= read());
}

const stateWidth = 9;
const nameWidth = 20;

function renderCheck({ name, state, what, todo }: Check): string {
  const lines = [...wrapped(what, 50), ...(todo === undefined ? [] : wrapped(`-> ${todo}`, 50))];
  const [first = '', ...others] = lines;
  return [
    `${state.padEnd(stateWidth)}${name.padEnd(nameWidth)}${first}`,
    ...others.map((line) => `${' '.repeat(stateWidth + nameWidth)}${line}`),
  ].join('\n');
}
