// Asks the authorizer function and reads its answer: a refusal, or who the caller is and the key that counts.

import { FunctionFailed } from '../functions/function-errors.ts';
import type { Invoker } from '../functions/functions.ts';
import type { AuthorizerDefinition } from './api-definition.ts';
import { type AuthorizerContext, authorizerEvent, methodArn } from './events.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import { type Journal, timed } from './journal.ts';
import { type PolicyStatement, permits } from './policy.ts';
import type { Match } from './route-table.ts';

export type Authorization = {
  readonly context: AuthorizerContext;
  readonly usageIdentifierKey: string | undefined;
};

export type Report = (problem: string) => void;

/** What handling one request needs beside the request. */
export type Handling = { readonly functions: Invoker; readonly report: Report; readonly journal: Journal };

export async function authorize(
  authorizer: AuthorizerDefinition,
  exchange: Exchange,
  match: Match,
  { functions, report, journal }: Handling,
): Promise<Authorization> {
  if (!authorizer.identitySources.every((source) => isPresent(source, exchange)))
    throw new GatewayRefusal('UNAUTHORIZED');
  let integrationLatency = 0;
  const answer = await timed(
    () => ask(authorizer, authorizerEvent(exchange, match), { functions, report, journal }),
    (latency) => {
      integrationLatency = latency;
      journal.note('authorizer', { latency, integrationLatency });
    },
  );
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = answer;
  const statements = (policyDocument as { Statement?: readonly PolicyStatement[] } | undefined)?.Statement;
  if (typeof principalId !== 'string' || !Array.isArray(statements) || !isFlat(context)) {
    const error = 'its answer has no principalId, no policyDocument, or a context that is not flat';
    report(`authorizer: ${error}`);
    journal.note('authorizer', { error, status: 500 });
    throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR');
  }
  const texts = Object.entries(context).map(([name, value]) => [name, String(value)] as const);
  const passedOn: AuthorizerContext = {
    ...Object.fromEntries(texts),
    principalId,
    integrationLatency,
  };
  journal.note('authorizer', { ...passedOn, status: 200 });
  if (!permits(statements, methodArn(exchange))) throw new GatewayRefusal('ACCESS_DENIED');
  return {
    context: passedOn,
    usageIdentifierKey: typeof usageIdentifierKey === 'string' ? usageIdentifierKey : undefined,
  };
}

type Answer = {
  readonly principalId?: unknown;
  readonly policyDocument?: unknown;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly usageIdentifierKey?: unknown;
};

async function ask(
  authorizer: AuthorizerDefinition,
  event: unknown,
  { functions, report, journal }: Handling,
): Promise<Answer> {
  try {
    return ((await functions.invoke(authorizer.functionArn, event)) ?? {}) as Answer;
  } catch (error) {
    if (error instanceof FunctionFailed && error.payload.errorMessage === 'Unauthorized') {
      journal.note('authorizer', { error: 'Unauthorized', status: 401 });
      throw new GatewayRefusal('UNAUTHORIZED');
    }
    const { message } = error as Error;
    report(`authorizer: ${message}`);
    journal.note('authorizer', { error: message, status: 500 });
    throw new GatewayRefusal('AUTHORIZER_FAILURE');
  }
}

/** Of `method.request.header.<name>`, `method.request.querystring.<name>` or `context.<name>`. */
function isPresent(source: string, exchange: Exchange): boolean {
  const header = /^method\.request\.header\.(.+)$/.exec(source)?.[1];
  if (header !== undefined) return Boolean(headerOf(exchange, header.toLowerCase()));
  const parameter = /^method\.request\.querystring\.(.+)$/.exec(source)?.[1];
  return parameter === undefined || Boolean(exchange.query.get(parameter));
}

function isFlat(context: unknown): context is Readonly<Record<string, string | number | boolean>> {
  return (
    typeof context === 'object' &&
    context !== null &&
    Object.values(context).every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  );
}
