// A REST API on a loopback port: a server that has each request answered as API Gateway would, and logs it.

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type HttpAnswer, jsonForPeople } from '../../core/http/http-answer.ts';
import { close, listen } from '../../core/http/listen.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { AccessLog } from './access-log.ts';
import { answerRequest, type Deployed, type Firewall, type RequestTools } from './answer-request.ts';
import type { ApiDefinition } from './api-definition.ts';
import { refuseClientAddress } from './client-address.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { GatewayRefusal, renderGatewayResponse } from './gateway-responses.ts';
import { afterAnswer, statusOfHttpError, unreadRequest, writeRaw } from './http-refusals.ts';
import { Journal } from './journal.ts';
import { Limits } from './limits/limits.ts';
import type { QuotaUsage } from './limits/quota-usage.ts';
import { RequestMetrics } from './request-metrics.ts';
import { toOriginForm } from './request-target.ts';
import { createRouteTable } from './route-table.ts';

/**
 * The most that all headers may have; Node counts the request line with them, and answers 431.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const maxHeaderBytes = 10_240;
/** Node would refuse what names no host with a status alone. */
const serverOptions = { maxHeaderSize: maxHeaderBytes, requireHostHeader: false };

export type GatewayOptions = RequestTools & {
  readonly port: number;
  /** Undefined where the template has no REST API: then only pages are answered. */
  readonly api: ApiDefinition | undefined;
  readonly firewall: Firewall | undefined;
  readonly quotaUsage: QuotaUsage;
  readonly metrics: MetricSink;
  /** Without a file no access log is written. */
  readonly accessLogFile?: string | undefined;
  /** The twin's own pages; undefined where the path is none of them. */
  readonly page: (request: IncomingMessage) => Promise<HttpAnswer> | undefined;
};

export class Gateway implements Startable {
  readonly name = 'the gateway';
  url = '';
  private readonly options: GatewayOptions;
  private readonly server: Server;
  private readonly deployed: Deployed | undefined;
  /**
   * The end of the latest request of a connection. They are handled one after another, because the answers have to come
   * in this order anyway: so whoever sends thousands at once is never ahead of somebody else's one.
   * https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2
   */
  private readonly turns = new WeakMap<Socket, Promise<void>>();
  private readonly requestMetrics: RequestMetrics | undefined;
  private accessLog: AccessLog | undefined;

  constructor(options: GatewayOptions) {
    const { api, firewall, quotaUsage, metrics } = options;
    this.options = options;
    this.requestMetrics = api && new RequestMetrics(api, metrics);
    this.deployed = api && {
      api,
      findRoute: createRouteTable(api.methods),
      firewall,
      limits: new Limits(api.stageThrottles, quotaUsage),
    };
    /** Of each connection. */
    const latest = new WeakMap<Duplex, ServerResponse>();
    this.server = createServer(serverOptions, (request, response) => {
      const { socket } = request;
      latest.set(socket, response);
      toOriginForm(request);
      if (request.headers.host === undefined && request.httpVersion === '1.1')
        return send(response, this.refuse(request, 400), { connection: 'close' });
      const before = this.turns.get(socket) ?? Promise.resolve();
      this.turns.set(
        socket,
        before.then(() => this.serveOrReport(request, response)),
      );
    });
    this.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      toOriginForm(request);
      send(response, this.refuse(request, 417), { connection: 'close' });
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      // The client went away.
      if (error.code === 'ECONNRESET') return void socket.destroy();
      const refuse = () => writeRaw(socket, this.refuse(unreadRequest(socket), statusOfHttpError(error)));
      afterAnswer(latest.get(socket), refuse, () => socket.destroy());
    });
  }

  async start(): Promise<void> {
    const { accessLogFile, report, port, api } = this.options;
    if (accessLogFile !== undefined && api?.accessLogFormat !== undefined)
      this.accessLog = new AccessLog(api.accessLogFormat, accessLogFile, report);
    // Last, because what fails to start is not ended.
    try {
      this.url = await listen(this.server, port);
    } catch (error) {
      await this.accessLog?.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await close(this.server);
    await this.accessLog?.end();
  }

  private async serveOrReport(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Of a client that has gone away while its requests waited, none is begun any more.
    if (request.socket.destroyed) return;
    try {
      await this.serve(request, response);
    } catch (error) {
      // Only a fault of the twin itself, or a client that went away, comes here.
      const { stack, message } = error as Error;
      if (!request.destroyed || request.complete) this.options.report(`gateway: ${stack ?? message}`);
      response.destroy();
    }
  }

  /** What the HTTP server itself would refuse with a status alone. */
  private refuse(request: IncomingMessage, status: number): HttpAnswer {
    const { deployed } = this;
    if (deployed === undefined) return jsonForPeople(status, { error: STATUS_CODES[status] });
    const exchange = openExchange(request, deployed.api, this.options.now());
    const refusal = new GatewayRefusal('DEFAULT_4XX', { status });
    const { headers, ...answer } = renderGatewayResponse(refusal, new Journal(exchange), deployed.api);
    // A client acts on the status: the template's is of what the gateway refuses.
    return { ...answer, status, headers: { ...headers, ...idsOf(exchange) } };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { deployed } = this;
    const own = this.options.page(request) ?? refuseClientAddress(request);
    if (own !== undefined) return send(response, await own, {});
    if (deployed === undefined)
      return send(response, jsonForPeople(404, { error: 'The template has no REST API.' }), {});
    const exchange = openExchange(request, deployed.api, this.options.now());
    const journal = new Journal(exchange);
    const abandoned = new AbortController();
    response.once('close', () => abandoned.abort());
    const answer = await answerRequest(request, journal, deployed, { ...this.options, abandoned });
    this.accessLog?.write(journal, answer);
    this.requestMetrics?.measure(journal, answer.status);
    send(response, answer, idsOf(exchange));
  }
}

const idsOf = ({ requestId, extendedRequestId }: Exchange) => ({
  'x-amzn-requestid': requestId,
  'x-amz-apigw-id': extendedRequestId,
});

function send(response: ServerResponse, answer: HttpAnswer, headers: Record<string, string>): void {
  const own = Object.entries(answer.headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : [...value],
  ]);
  response.writeHead(answer.status, {
    ...Object.fromEntries(own),
    ...headers,
    'content-length': answer.body.byteLength,
  });
  response.end(answer.body);
}
