// The one engine of S3, SNS and SQS, in this process and in memory: what queues hold is gone with it, and what buckets
// hold is kept beside it (services/s3/object-files.ts).

import { twinAccount } from '../template/pseudo-parameters.ts';
import { type Engine, EngineRefused, type EngineRequest, sendToEngine } from './engine-call.ts';
import { loopback } from './http/listen.ts';
import type { Startable } from './start-in-phases.ts';

export class FauxqsEngine implements Startable, Engine {
  readonly name = 'the engine of buckets, topics and queues';
  endpoint = '';
  private app: { close(): Promise<unknown> } | undefined;

  async start(): Promise<void> {
    const { buildApp } = await import('fauxqs');
    const app = buildApp({ logger: false, defaultRegion: twinAccount.region });
    this.app = app;
    this.endpoint = await app.listen({ port: 0, host: loopback });
  }

  async end(): Promise<void> {
    await this.app?.close();
  }
}

/** For the calls that make resources at the start. Rejects with EngineRefused. */
export async function sendOrFail(engine: Engine, operation: string, request: EngineRequest): Promise<void> {
  const { status, text } = await sendToEngine(engine.endpoint, request);
  if (status >= 300) throw new EngineRefused(operation, `HTTP ${status}`, text);
}
