// The single address that every AWS call of every function goes to. A call is identified, passes the steps in
// order, and is answered by the engine or the control plane of its service. Faults and permissions are steps.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { close, listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import type { Service } from '../start-in-phases.ts';
import {
  AnswerLost,
  type AwsAnswer,
  type AwsCall,
  type AwsRequest,
  chain,
  errorAnswer,
  type Next,
  type Step,
} from './aws-call.ts';
import { createForwarder } from './forward.ts';
import { type Callers, identify, NotIdentified } from './identify.ts';

/** Either the address of an engine, or an answer of the twin's own. */
export type Destination = { readonly engine: () => string } | { readonly answer: Next };

export type AwsProxyOptions = {
  readonly callers: Callers;
  readonly steps: readonly Step[];
  /** By the service's name in the credential scope. */
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly report: (problem: string) => void;
};

export class AwsProxy implements Service {
  readonly name = 'the proxy of AWS calls';
  url = '';
  private readonly options: AwsProxyOptions;
  private readonly forwarder = createForwarder();
  /** For what calls from within the twin, such as a mapping: it passes the same steps. Rejects with AnswerLost. */
  readonly send: Next;
  private readonly server: Server;

  constructor(options: AwsProxyOptions) {
    this.options = options;
    this.send = chain(options.steps, (call) => this.route(call));
    this.server = createServer((request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<void> {
    this.url = await listen(this.server, 0);
  }

  async end(): Promise<void> {
    await close(this.server);
    this.forwarder.end();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const body = await readBody(request);
    const answer = await this.answer({ method, url, headers, body });
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.byteLength });
    response.end(method === 'HEAD' ? undefined : answer.body);
  }

  private async answer(request: AwsRequest): Promise<AwsAnswer> {
    try {
      return await this.send(identify(request, this.options.callers));
    } catch (error) {
      if (error instanceof NotIdentified)
        return errorAnswer(403, 'MissingAuthenticationToken', error.message);
      if (error instanceof AnswerLost) throw error;
      // A fault of the twin, which the caller takes for one of the service.
      this.options.report(`AWS proxy: ${(error as Error).stack}`);
      return errorAnswer(500, 'InternalFailure', 'The local twin failed; its console says how.');
    }
  }

  private async route(call: AwsCall): Promise<AwsAnswer> {
    const { destinations } = this.options;
    const destination = Object.hasOwn(destinations, call.service) ? destinations[call.service] : undefined;
    if (destination === undefined)
      return errorAnswer(
        501,
        'NotModelled',
        `The local twin has no ${call.service} (asked for by ${call.caller}: ${call.operation}).`,
      );
    return 'answer' in destination
      ? destination.answer(call)
      : this.forwarder.forward(call, destination.engine());
  }
}
