// The way of a request through the gateway, as in the cloud: firewall, body, route, authorizer, API key, throttles and
// quota, integration. A refusal is the gateway response of the template.

import type { IncomingMessage } from 'node:http';
import type { HttpAnswer } from '../../core/http/http-answer.ts';
import { BodyTooLarge, readBody } from '../../core/http/read-body.ts';
import type { Invoker } from '../../core/invocation.ts';
import type { Report } from '../../core/service.ts';
import type { ApiDefinition } from './api-definition.ts';
import type { ApiKeys } from './api-keys.ts';
import { authorize } from './authorize.ts';
import { compressAnswer, decompressRequest } from './compression.ts';
import { proxyEvent } from './events.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { GatewayRefusal, noteRefusal, renderGatewayResponse } from './gateway-responses.ts';
import { type Handling, integrate } from './integrate.ts';
import type { Journal } from './journal.ts';
import type { Limits } from './limits/limits.ts';
import { toClientAnswer } from './proxy-answer.ts';
import type { createRouteTable, Match } from './route-table.ts';
import { checkApiKey } from './usage.ts';

/** A web ACL, as far as the gateway asks it. */
export type Firewall = {
  /** Undefined if the request may pass; without an answer, it gets the gateway's own. */
  block(request: FirewallRequest, nowMs: number): { readonly answer?: HttpAnswer } | undefined;
};
export type FirewallRequest = {
  readonly sourceIp: string;
  readonly uriPath: string;
  readonly method: string;
  readonly bodyBytes: number;
  readonly header: (name: string) => string | undefined;
};

/** What the template says of the API, ready to be asked. */
export type Deployed = {
  readonly api: ApiDefinition;
  readonly findRoute: ReturnType<typeof createRouteTable>;
  readonly firewall: Firewall | undefined;
  readonly limits: Limits;
};

export type RequestTools = {
  readonly functions: Invoker;
  readonly apiKeys: Pick<ApiKeys, 'find' | 'plansOf'>;
  readonly now: () => number;
  readonly report: Report;
};

const maxBodyBytes = 10 * 1024 * 1024;

export async function answerRequest(
  request: IncomingMessage,
  journal: Journal,
  deployed: Deployed,
  tools: RequestTools & Pick<Handling, 'abandoned'>,
): Promise<HttpAnswer> {
  const { exchange } = journal;
  const { api, findRoute, firewall } = deployed;
  try {
    const block = firewall?.block(forFirewall(exchange, request), exchange.receivedAtMs);
    if (block?.answer) {
      noteRefusal(journal, 'WAF_FILTERED');
      return block.answer;
    }
    if (block) throw new GatewayRefusal('WAF_FILTERED');
    const sent = await readBody(request, maxBodyBytes);
    const body = await decompressRequest(sent, exchange, api, maxBodyBytes);
    const match = findRoute(exchange.httpMethod, exchange.path);
    if (match === undefined) throw new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN');
    return await answerMatch(journal, deployed, match, body, tools);
  } catch (error) {
    const refusal = error instanceof BodyTooLarge ? new GatewayRefusal('REQUEST_TOO_LARGE') : error;
    if (!(refusal instanceof GatewayRefusal)) throw error;
    return renderGatewayResponse(refusal, journal, api);
  }
}

async function answerMatch(
  journal: Journal,
  { api, limits }: Deployed,
  match: Match,
  body: Buffer,
  { functions, apiKeys, now, report, abandoned }: RequestTools & Pick<Handling, 'abandoned'>,
): Promise<HttpAnswer> {
  const { exchange } = journal;
  const handling = { functions, report, journal, abandoned };
  const { method } = match;
  journal.noteMatch(match);
  const authorization = method.authorizer && (await authorize(method.authorizer, match, handling));
  const client = method.apiKeyRequired ? checkApiKey(api, apiKeys, exchange, authorization) : undefined;
  if (client !== undefined) journal.note('identity', client.key);
  // A plan's limits can only come after the authorizer, which names the key. The stage's and the account's are asked
  // with them, so that a request that one of them refuses takes nothing from the others.
  const refusal = limits.refuse(method, client, now());
  if (refusal !== undefined) throw new GatewayRefusal(refusal);
  if (method.mock !== undefined) {
    // Its template reads a text, and with all types binary a request has none, if it is not made one.
    if (api.binaryMediaTypes.includes('*/*') && !method.mock.takesBinary)
      throw new GatewayRefusal('API_CONFIGURATION_ERROR');
    journal.note('integration', { status: method.mock.answer.status });
    return method.mock.answer;
  }
  const event = proxyEvent(exchange, match, body, api.binaryMediaTypes, authorization?.context, client?.key);
  const payload = await integrate(method, event, handling, client?.key.apiKeyId);
  const answer = toClientAnswer(payload, exchange, api, report);
  journal.note('integration', { status: answer.status });
  return compressAnswer(answer, exchange, api);
}

/** At the API's own address, which a template without a domain has, the path that WAF sees begins with the stage. */
function forFirewall(exchange: Exchange, { headers }: IncomingMessage): FirewallRequest {
  const { sourceIp, stageName, path, httpMethod } = exchange;
  return {
    sourceIp,
    uriPath: `/${stageName}${path}`,
    method: httpMethod,
    // It is asked before the body arrives. One that comes in chunks declares no size.
    bodyBytes: Number(headers['content-length'] ?? 0),
    header: (name) => headerOf(exchange, name),
  };
}
