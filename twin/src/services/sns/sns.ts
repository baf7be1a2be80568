// SNS: the topics of the template in the engine, which sends their messages to queues; functions get them from here.

import type { Engine } from '../../core/engine-call.ts';
import { sendOrFail } from '../../core/fauxqs-engine.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import { once, type Service, type ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { Subscriptions } from './subscriptions.ts';

export type SnsContext = Pick<ServiceContext, 'clock' | 'report'> & {
  readonly engine: Engine;
  readonly invocations: AsyncInvoker;
};

export function createSns(template: Template, context: SnsContext): Service {
  const subscriptions = new Subscriptions({ template, ...context });
  return {
    name: 'sns',
    destination: { engine: context.engine },
    steps: [subscriptions.step],
    phases: {
      resources: [once('the topics', () => createTopics(template, context.engine))],
      receivers: [subscriptions],
    },
  };
}

export async function createTopics(template: Template, engine: Engine): Promise<void> {
  for (const { name } of template.resources('AWS::SNS::Topic'))
    await sendOrFail(engine, `CreateTopic ${name}`, {
      method: 'POST',
      path: '/',
      service: 'sns',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ Action: 'CreateTopic', Version: '2010-03-31', Name: name }).toString(),
    });
}
