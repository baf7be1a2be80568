// The engine of buckets, topics and queues, in this process and in memory: what queues hold is gone with it, and what
// buckets hold is kept beside it (buckets/kept-objects.ts).

import { twinAccount } from '../template/pseudo-parameters.ts';
import type { Template } from '../template/template.ts';
import { EngineRefused, type EngineRequest, sendToEngine } from './engine-call.ts';
import { loopback } from './http/listen.ts';
import type { Service } from './start-in-phases.ts';

export class ObjectStoreEngine implements Service {
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

export async function createBucketsAndTopics(template: Template, endpoint: string): Promise<void> {
  for (const { name } of template.resources('AWS::S3::Bucket'))
    await send(endpoint, `CreateBucket ${name}`, {
      method: 'PUT',
      path: `/${name}`,
      service: 's3',
      headers: {},
      body: '',
    });
  for (const { name } of template.resources('AWS::SNS::Topic'))
    await send(endpoint, `CreateTopic ${name}`, {
      method: 'POST',
      path: '/',
      service: 'sns',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: name }).toString(),
    });
}

async function send(endpoint: string, operation: string, request: EngineRequest): Promise<void> {
  const { status, text } = await sendToEngine(endpoint, request);
  if (status >= 300) throw new EngineRefused(operation, `HTTP ${status}`, text);
}
