// The REST API on a loopback port. A request goes the way it goes in the cloud: route, authorizer, API key,
// integration; whoever refuses does so with the gateway response of the template.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ApiKeys } from '../control/api-keys.ts';
import type { Invoker } from '../functions/functions.ts';
import { close, listen } from '../http/listen.ts';
import { BodyTooLarge, readBody } from '../http/read-body.ts';
import type { Service } from '../service.ts';
import type { System } from '../template/system.ts';
import { type ApiDefinition, readApiDefinition } from './api-definition.ts';
import { authorize, type Report } from './authorize.ts';
import { proxyEvent } from './events.ts';
import { type Exchange, headerOf, openExchange } from './exchange.ts';
import { type GatewayAnswer, GatewayRefusal, renderGatewayResponse, tooLarge } from './gateway-responses.ts';
import { integrate, toClientAnswer } from './integrate.ts';
import { createRouteTable, type Match } from './route-table.ts';
import { checkApiKey } from './usage.ts';

const maxBodyBytes = 10 * 1024 * 1024;

export type GatewayOptions = {
  readonly port: number;
  readonly system: () => System;
  readonly functions: Invoker;
  readonly apiKeys: Pick<ApiKeys, 'find' | 'plansOf'>;
  readonly now: () => number;
  readonly report: Report;
  /** The twin's own pages; undefined where the path is none of them. */
  readonly page: (request: IncomingMessage) => Promise<GatewayAnswer> | undefined;
};

export class Gateway implements Service {
  readonly name = 'the gateway';
  url = '';
  private readonly options: GatewayOptions;
  private readonly server: Server;
  private api: ApiDefinition | undefined;
  private findRoute: ReturnType<typeof createRouteTable> = () => undefined;

  constructor(options: GatewayOptions) {
    this.options = options;
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: Error) => {
        // Only a fault of the twin itself, or a client that went away, comes here.
        if (!request.destroyed || request.complete)
          options.report(`gateway: ${error.stack ?? error.message}`);
        response.destroy();
      });
    });
  }

  async start(): Promise<void> {
    this.api = readApiDefinition(this.options.system());
    this.findRoute = createRouteTable(this.api.methods);
    this.url = await listen(this.server, this.options.port);
  }

  async end(): Promise<void> {
    await close(this.server);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { api } = this;
    if (api === undefined) throw new Error('The gateway was asked before it started.');
    const page = this.options.page(request);
    if (page !== undefined) return send(response, await page, {});
    const exchange = openExchange(request, api, this.options.now());
    const answer = await this.answer(request, exchange, api);
    send(response, answer, {
      'x-amzn-requestid': exchange.requestId,
      'x-amz-apigw-id': exchange.extendedRequestId,
    });
  }

  private async answer(
    request: IncomingMessage,
    exchange: Exchange,
    api: ApiDefinition,
  ): Promise<GatewayAnswer> {
    try {
      const body = await readBody(request, maxBodyBytes);
      const match = this.findRoute(exchange.httpMethod, exchange.path);
      if (match === undefined) throw new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN');
      return await this.handle(exchange, api, match, body);
    } catch (error) {
      if (error instanceof BodyTooLarge) return tooLarge();
      if (error instanceof GatewayRefusal) return renderGatewayResponse(error, exchange, api);
      throw error;
    }
  }

  private async handle(
    exchange: Exchange,
    api: ApiDefinition,
    match: Match,
    body: Buffer,
  ): Promise<GatewayAnswer> {
    const { functions, apiKeys, report } = this.options;
    const { method } = match;
    const authorization =
      method.authorizer && (await authorize(method.authorizer, exchange, match, functions, report));
    const key = method.apiKeyRequired ? checkApiKey(api, apiKeys, exchange, authorization) : undefined;
    // Throttles and quotas of the plan, the method and the stage belong here: after the key, before the function.
    const event = proxyEvent(exchange, match, body, api.binaryMediaTypes, authorization?.context, key);
    const payload = await integrate(method, event, functions, report);
    return toClientAnswer(payload, headerOf(exchange, 'accept'), api.binaryMediaTypes, report);
  }
}

function send(response: ServerResponse, answer: GatewayAnswer, headers: Record<string, string>): void {
  const own = Object.entries(answer.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : [...value],
  ]);
  response.writeHead(answer.status, {
    ...headers,
    ...Object.fromEntries(own),
    'content-length': answer.body.byteLength,
  });
  response.end(answer.body);
}
