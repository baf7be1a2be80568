// Asks the authorizer function and reads its answer: a refusal, or who the caller is and the key that counts.

import { FunctionFailed } from '../../core/invocation.ts';
import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import type { AuthorizerDefinition } from './authorizer-definition.ts';
import { type AuthorizerContext, authorizerEvent, methodArn } from './events.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal } from './gateway-responses.ts';
import type { Handling } from './integrate.ts';
import { timed } from './journal.ts';
import { complaintAboutPolicy, type Policy, permits } from './policy.ts';
import type { Match } from './route-table.ts';

export type Authorization = {
  readonly context: AuthorizerContext;
  readonly usageIdentifierKey: string | undefined;
};

export async function authorize(
  authorizer: AuthorizerDefinition,
  match: Match,
  handling: Handling,
): Promise<Authorization> {
  const { report, journal } = handling;
  const { exchange } = journal;
  // They have to be "present, not null and non-empty".
  // https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
  if (!authorizer.identitySources.every((valueIn) => valueIn(journal)))
    throw new GatewayRefusal('UNAUTHORIZED');
  let integrationLatency = 0;
  const answer = await timed(
    () => ask(authorizer, authorizerEvent(exchange, match), match.method.timeoutMs, handling),
    (latency) => {
      integrationLatency = latency;
      journal.note('authorizer', { latency, integrationLatency });
    },
  );
  const error = complaintAbout(answer);
  if (error !== undefined) {
    report(`authorizer: ${error}`);
    journal.note('authorizer', { error, status: 500 });
    throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR');
  }
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = answer as Answer;
  const texts = Object.entries(context).map(([name, value]) => [name, String(value)] as const);
  const passedOn: AuthorizerContext = {
    ...Object.fromEntries(texts),
    principalId,
    integrationLatency,
  };
  journal.note('authorizer', { ...passedOn, status: 200 });
  if (!permits(policyDocument, methodArn(exchange))) throw new GatewayRefusal('ACCESS_DENIED');
  return {
    context: passedOn,
    usageIdentifierKey: typeof usageIdentifierKey === 'string' ? usageIdentifierKey : undefined,
  };
}

type Answer = {
  readonly principalId: string;
  readonly policyDocument: Policy;
  readonly context?: JsonRecord;
  readonly usageIdentifierKey?: unknown;
};

/** Of an integration that sets no time: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const longestWaitMs = 29_000;

async function ask(
  authorizer: AuthorizerDefinition,
  event: unknown,
  timeoutMs: number | undefined,
  { functions, report, journal, abandoned }: Handling,
): Promise<unknown> {
  // A request that has waited for so long has no time left for its integration.
  const timer = setTimeout(() => abandoned.abort(), timeoutMs ?? longestWaitMs);
  try {
    return await functions.invoke(authorizer.functionArn, event, {
      caller: credentialOf(journal.exchange),
      signal: abandoned.signal,
    });
  } catch (error) {
    if (error === abandoned.signal.reason) throw new GatewayRefusal('AUTHORIZER_FAILURE');
    if (error instanceof FunctionFailed && error.payload.errorMessage === 'Unauthorized') {
      journal.note('authorizer', { error: 'Unauthorized', status: 401 });
      throw new GatewayRefusal('UNAUTHORIZED');
    }
    const { message } = error as Error;
    report(`authorizer: ${message}`);
    journal.note('authorizer', { error: message, status: 500 });
    throw new GatewayRefusal('AUTHORIZER_FAILURE');
  } finally {
    clearTimeout(timer);
  }
}

/** Who calls is not known yet: requests with one credential wait for each other, and not before those with another. */
const credentialOf = (exchange: Exchange): string =>
  headerOf(exchange, 'x-api-key') ?? headerOf(exchange, 'authorization') ?? '';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
function complaintAbout(answer: unknown): string | undefined {
  if (!isJsonRecord(answer)) return 'its answer is not an object';
  const { principalId, policyDocument, context = {} } = answer;
  if (typeof principalId !== 'string') return 'its answer has no principalId';
  if (!isFlat(context)) return 'its answer has a context that is not flat';
  return complaintAboutPolicy(policyDocument);
}

function isFlat(context: unknown): boolean {
  return (
    isJsonRecord(context) &&
    Object.values(context).every((value) => ['string', 'number', 'boolean'].includes(typeof value))
  );
}
