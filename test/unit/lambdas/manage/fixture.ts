// The function manage on memory adapters, and clients of it by key.

import type { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryBusiest } from '../../../../adapters/accounts/memory-busiest.ts';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { createAccount } from '../../../../cli/account/create.ts';
import { parseSecret } from '../../../../domain/accounts/secrets.ts';
import type { Scope } from '../../../../domain/api/routes.ts';
import type { Settling } from '../../../../domain/quarantine/port.ts';
import { type KeyCaller, type PersonCaller, toContext } from '../../../../lambdas/edge/caller.ts';
import type { HttpRequest } from '../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../lambdas/edge/problem-answers.ts';
import { createManage } from '../../../../lambdas/manage/manage.ts';
import { assertDocumented } from '../../../support/documented.ts';
import { callerLimits } from '../../../support/requests.ts';
import { startOperator } from '../../cli/operator-fixture.ts';

export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field of an answer
  readonly json: any;
};

type Asked = {
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string | readonly string[]>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

type Who =
  | Pick<KeyCaller, 'keyId' | 'scopes'>
  | (Pick<PersonCaller, 'person' | 'role'> & { readonly roleBy?: 'claim' });

export async function startManage() {
  const { accounts, operator, clock, records, weir } = startOperator();
  const settling: Settling = {
    settle: async (request) => (await records.access.functions.invoke('settle', request)) as never,
  };
  const logged: unknown[] = [];
  const log = (...of: unknown[]) => void logged.push(of);
  const logger = { info: log, warn: log, error: log, debug: log } as never;
  const deps = {
    accounts: accounts as MemoryAccounts,
    keys: accounts.keys,
    members: accounts.members,
    auditLog: accounts.auditLog,
    quarantine: records.lanes.quarantine,
    settling,
    dependencies: [],
    lags: new MemoryLags(),
    busiest: new MemoryBusiest(),
    clock,
    random: operator.random,
    logger,
  };
  const manage = createManage(deps);
  const { onError } = problemAnswers(logger);

  const createFor = async (account_id: string, environment = 'production', scopes: Scope[] = ['admin']) => {
    const { api_key } = await createAccount(operator, { account_id, environment, tier: 'standard', scopes });
    return parseSecret(api_key)?.keyId ?? '';
  };

  const clientOf = (account: string, keyId: string, environment = 'production') =>
    clientAs({ keyId, scopes: ['admin'] }, account, environment);

  const clientAs =
    (who: Who, account: string, environment = 'production') =>
    async (route: string, { path = {}, query = {}, body, headers = {} }: Asked = {}): Promise<Answered> => {
      const [httpMethod = '', resource = ''] = route.split(' ');
      const event = {
        httpMethod,
        resource,
        headers,
        pathParameters: path,
        multiValueQueryStringParameters: Object.fromEntries(
          Object.entries(query).map(([name, value]) => [name, [value].flat()]),
        ),
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
        isBase64Encoded: false,
        requestContext: {
          requestId: 'request-1',
          identity: { sourceIp: '203.0.113.7' },
          authorizer: toContext({
            tenant: { account, environment, generation: 0 },
            ...('person' in who ? { roleBy: 'membership', ...who } : who),
            tier: 'standard',
            stream: 'standard',
            slots: [0],
            mostSlots: 1,
            retentionDays: 30,
            ...callerLimits,
          }),
        },
      } as unknown as HttpRequest;
      const failing = { event, error: null as Error | null, response: undefined as unknown };
      const answer = await manage(event).catch(async (error) => {
        failing.error = error;
        await onError?.(failing as never);
        return failing.response as Awaited<ReturnType<typeof manage>>;
      });
      const sent = Object.entries(answer.headers ?? {}).map(
        ([name, value]) => [name, String(value)] as const,
      );
      assertDocumented(httpMethod, resource, {
        status: answer.statusCode,
        headers: new Map(sent),
        body: answer.body,
      });
      return {
        status: answer.statusCode,
        headers: answer.headers ?? {},
        json: JSON.parse(answer.body),
      };
    };

  return { accounts, deps, clock, records, weir, operator, createFor, clientOf, clientAs, logged };
}
