// Asks the authorizer function and reads its answer: a refusal, or who the caller is and the key that counts.

import { FunctionFailed } from '../functions/function-errors.ts';
import type { Invoker } from '../functions/functions.ts';
import type { AuthorizerDefinition } from './api-definition.ts';
import { type AuthorizerContext, authorizerEvent, methodArn } from './events.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import { type PolicyStatement, permits } from './policy.ts';
import type { Match } from './route-table.ts';

export type Authorization = {
  readonly context: AuthorizerContext;
  readonly usageIdentifierKey: string | undefined;
};

export type Report = (problem: string) => void;

export async function authorize(
  authorizer: AuthorizerDefinition,
  exchange: Exchange,
  match: Match,
  functions: Invoker,
  report: Report,
): Promise<Authorization> {
  if (!authorizer.identitySources.every((source) => isPresent(source, exchange)))
    throw new GatewayRefusal('UNAUTHORIZED');
  const startedAtMs = performance.now();
  const answer = await ask(authorizer, authorizerEvent(exchange, match), functions, report);
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = answer;
  const statements = (policyDocument as { Statement?: readonly PolicyStatement[] } | undefined)?.Statement;
  if (typeof principalId !== 'string' || !Array.isArray(statements) || !isFlat(context)) {
    report('authorizer: its answer has no principalId, no policyDocument, or a context that is not flat');
    throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR');
  }
  const texts = Object.entries(context).map(([name, value]) => [name, String(value)] as const);
  const passedOn: AuthorizerContext = {
    ...Object.fromEntries(texts),
    principalId,
    integrationLatency: Math.round(performance.now() - startedAtMs),
  };
  if (!permits(statements, methodArn(exchange))) throw new GatewayRefusal('ACCESS_DENIED', passedOn);
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
  functions: Invoker,
  report: Report,
): Promise<Answer> {
  try {
    return ((await functions.invoke(authorizer.functionArn, event)) ?? {}) as Answer;
  } catch (error) {
    if (error instanceof FunctionFailed && error.payload.errorMessage === 'Unauthorized')
      throw new GatewayRefusal('UNAUTHORIZED');
    report(`authorizer: ${(error as Error).message}`);
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
