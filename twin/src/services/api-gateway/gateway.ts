// The REST API on a loopback port: a server that has each request answered as API Gateway would, and logs it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { close, listen } from '../../core/http/listen.ts';
import type { Service } from '../../core/start-in-phases.ts';
import type { Template } from '../../template/template.ts';
import { AccessLog } from './access-log.ts';
import { answerRequest, type RequestTools } from './answer-request.ts';
import { refuseClientAddress } from './client-address.ts';
import { type Deployed, deploy } from './deployed.ts';
import { openExchange } from './exchange.ts';
import type { GatewayAnswer } from './gateway-responses.ts';
import { Journal } from './journal.ts';
import { QuotaUsage } from './limits/quota-usage.ts';

/**
 * Of all headers; Node counts the request line with them, and answers 431.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const maxHeaderBytes = 10_240;

export type GatewayOptions = RequestTools & {
  readonly port: number;
  readonly template: () => Template;
  /** Keeps what clients used of their quotas over a restart; without one they begin anew. */
  readonly quotaFile?: string | undefined;
  /** For the access log; without one none is written. */
  readonly logFolder?: string | undefined;
  /** The twin's own pages; undefined where the path is none of them. */
  readonly page: (request: IncomingMessage) => Promise<GatewayAnswer> | undefined;
};

export class Gateway implements Service {
  readonly name = 'the gateway';
  url = '';
  private readonly options: GatewayOptions;
  private readonly server: Server;
  private readonly quotaUsage: QuotaUsage;
  private deployed: Deployed | undefined;
  private accessLog: AccessLog | undefined;

  constructor(options: GatewayOptions) {
    this.options = options;
    this.quotaUsage = new QuotaUsage(options.quotaFile, options.report);
    this.server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => {
      this.serve(request, response).catch((error: Error) => {
        // Only a fault of the twin itself, or a client that went away, comes here.
        if (!request.destroyed || request.complete)
          options.report(`gateway: ${error.stack ?? error.message}`);
        response.destroy();
      });
    });
  }

  async start(): Promise<void> {
    await this.quotaUsage.load();
    this.deployed = deploy(this.options.template(), this.quotaUsage);
    for (const problem of this.deployed.api.webAcl?.notModelled ?? []) this.options.report(problem);
    const { logFolder, report, port } = this.options;
    const { accessLogFormat } = this.deployed.api;
    if (logFolder !== undefined && accessLogFormat !== undefined)
      this.accessLog = new AccessLog(accessLogFormat, logFolder, report);
    // Last, because nobody ends what failed to start.
    try {
      this.url = await listen(this.server, port);
    } catch (error) {
      await this.accessLog?.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await close(this.server);
    await this.quotaUsage.end();
    await this.accessLog?.end();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { deployed } = this;
    if (deployed === undefined) throw new Error('The gateway was asked before it started.');
    const own = this.options.page(request) ?? refuseClientAddress(request);
    if (own !== undefined) return send(response, await own, {});
    const exchange = openExchange(request, deployed.api, this.options.now());
    const journal = new Journal(exchange);
    const answer = await answerRequest(request, journal, deployed, this.options);
    this.accessLog?.write(journal, answer);
    send(response, answer, {
      'x-amzn-requestid': exchange.requestId,
      'x-amz-apigw-id': exchange.extendedRequestId,
    });
  }
}

function send(response: ServerResponse, answer: GatewayAnswer, headers: Record<string, string>): void {
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
