// SQS: the queues of the template in the engine of queues, and URLs that lead back to the proxy.

import type { Engine } from '../../core/engine-call.ts';
import { createQueueUrls } from '../../core/proxy/queue-urls.ts';
import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { createQueues, type QueueContents, readQueueContents } from './queues.ts';

export type Sqs = Service & { state(): Promise<Readonly<Record<string, QueueContents>>> };

export function createSqs(
  template: Template,
  { proxy, engine }: Pick<ServiceContext, 'proxy'> & { readonly engine: Engine },
): Sqs {
  return {
    name: 'sqs',
    destination: { engine },
    steps: [createQueueUrls(proxy)],
    phases: { resources: [once('the queues', () => createQueues(template, engine.endpoint))] },
    state: () => readQueueContents(engine.endpoint),
  };
}
