// The single address that every AWS call of every function goes to. A call is identified, passes the steps in
// order, and is answered by the engine or the control plane of its service. Faults and permissions are steps.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { close, listen } from '../http/listen.ts';
import { readBody } from '../http/read-body.ts';
import type { Startable } from '../start-in-phases.ts';
import {
  AnswerLost,
  type AwsAnswer,
  type AwsCall,
  type AwsEntrance,
  type AwsRequest,
  chain,
  type Destination,
  errorAnswer,
  type Next,
  type Step,
} from './aws-call.ts';
import { createForwarder } from './forward.ts';
import { type Callers, identify, NotIdentified } from './identify.ts';

export type AwsProxyOptions = {
  readonly callers: Callers;
  readonly report: (problem: string) => void;
};

/** What calls go through, and where they end, by the service's name in the credential scope. */
export type Route = {
  readonly steps: readonly Step[];
  readonly destinations: Readonly<Record<string, Destination>>;
};

export class AwsProxy implements Startable, AwsEntrance {
  readonly name = 'the proxy of AWS calls';
  url = '';
  private readonly options: AwsProxyOptions;
  private readonly forwarder = createForwarder();
  private readonly server: Server;
  private pass: Next = () => Promise.reject(new Error('The proxy is not connected.'));

  constructor(options: AwsProxyOptions) {
    this.options = options;
    this.server = createServer((request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
  }

  /** Services take the proxy to call with, and it takes their steps and destinations: once, before the start. */
  connect({ steps, destinations }: Route): void {
    this.pass = chain(steps, (call) => this.deliver(call, destinations));
  }

  readonly send: Next = (call) => this.pass(call);

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
      // A fault of the twin itself. The caller takes it for one of the service.
      this.options.report(`AWS proxy: ${(error as Error).stack}`);
      return errorAnswer(500, 'InternalFailure', 'The local twin failed; its console says how.');
    }
  }

  private async deliver(call: AwsCall, destinations: Route['destinations']): Promise<AwsAnswer> {
    const destination = Object.hasOwn(destinations, call.service) ? destinations[call.service] : undefined;
    if (destination === undefined)
      return errorAnswer(
        501,
        'NotModelled',
        `The local twin has no ${call.service} (asked for by ${call.caller}: ${call.operation}).`,
      );
    return 'answer' in destination
      ? destination.answer(call)
      : this.forwarder.forward(call, destination.engine.endpoint);
  }
}
