// Delivers the messages of topics: the engine to queues, a step of the proxy to functions.

import type { Clock } from '../../core/clock.ts';
import { type Engine, EngineRefused, sendToEngine } from '../../core/engine-call.ts';
import { PatternNotModelled } from '../../core/event-pattern.ts';
import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Step } from '../../core/proxy/aws-call.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import { findTarget } from '../../template/targets.ts';
import type { Template } from '../../template/template.ts';
import { compileFilter, type MessageTest } from './filter-policy.ts';
import { publicationsIn, refuseUnstructured } from './publications.ts';
import { readSubscriptions, type Subscription } from './subscription-settings.ts';
import { topicEvent } from './topic-event.ts';

export type SubscriptionsOptions = {
  readonly template: Template;
  readonly engine: Engine;
  readonly invocations: AsyncInvoker;
  readonly clock: Pick<Clock, 'now'>;
  readonly report: (problem: string) => void;
};

type FunctionSubscription = Pick<Subscription, 'arn' | 'topicArn' | 'endpoint'> & {
  readonly wants: MessageTest;
};

export class Subscriptions implements Startable {
  readonly name = 'the subscriptions to topics';
  private readonly options: SubscriptionsOptions;
  private functions: readonly FunctionSubscription[] = [];

  constructor(options: SubscriptionsOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const { template, engine, report } = this.options;
    const functions: FunctionSubscription[] = [];
    for (const subscription of readSubscriptions(template)) {
      const { logicalId, protocol, endpoint: receiver } = subscription;
      if (protocol === 'lambda') functions.push(...this.readFunction(subscription));
      else if (protocol === 'sqs') {
        this.reportUnknownFilter(subscription);
        await subscribeQueue(engine, subscription, template);
      } else report(`${logicalId}: nothing is sent by ${protocol} here: ${receiver} receives nothing.`);
    }
    this.functions = functions;
  }

  async end(): Promise<void> {
    this.functions = [];
  }

  readonly step: Step = async (call, next) => {
    if (this.functions.length === 0) return next(call);
    const refusal = refuseUnstructured(call);
    if (refusal !== undefined) return refusal;
    const answer = await next(call);
    for (const publication of publicationsIn(call, answer))
      for (const { arn, topicArn, endpoint, wants } of this.functions)
        if (topicArn === publication.topicArn && wants(publication))
          this.options.invocations.invoke(endpoint, topicEvent(publication, arn, this.options.clock.now()));
    return answer;
  };

  /** The engine may apply a filter that is not known here otherwise than SNS. */
  private reportUnknownFilter({ logicalId, filterPolicy, filterPolicyScope }: Subscription): void {
    try {
      compileFilter(filterPolicy, filterPolicyScope);
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      this.options.report(`${logicalId}: its filter is left to the engine of queues: ${error.message}.`);
    }
  }

  private readFunction(subscription: Subscription): readonly FunctionSubscription[] {
    const { logicalId, arn, topicArn, endpoint, filterPolicy, filterPolicyScope } = subscription;
    findTarget(this.options.template, endpoint, ['function'], logicalId);
    try {
      return [{ arn, topicArn, endpoint, wants: compileFilter(filterPolicy, filterPolicyScope) }];
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      this.options.report(`${logicalId}: its filter lets nothing through: ${error.message}.`);
      return [];
    }
  }
}

async function subscribeQueue(engine: Engine, subscription: Subscription, template: Template): Promise<void> {
  const { logicalId, topicArn, endpoint, filterPolicy, filterPolicyScope } = subscription;
  findTarget(template, endpoint, ['queue'], logicalId);
  const form = new URLSearchParams({
    Action: 'Subscribe',
    Version: '2010-03-31',
    TopicArn: topicArn,
    Protocol: 'sqs',
    Endpoint: endpoint,
  });
  const attributes = {
    ...(filterPolicy !== undefined && { FilterPolicy: JSON.stringify(filterPolicy) }),
    ...(filterPolicyScope !== undefined && { FilterPolicyScope: String(filterPolicyScope) }),
    ...(subscription.isRaw && { RawMessageDelivery: 'true' }),
  };
  for (const [index, [name, value]] of Object.entries(attributes).entries()) {
    form.set(`Attributes.entry.${index + 1}.key`, name);
    form.set(`Attributes.entry.${index + 1}.value`, value);
  }
  const { status, text } = await sendToEngine(engine.endpoint, {
    method: 'POST',
    path: '/',
    service: 'sns',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  if (status >= 300) throw new EngineRefused(`Subscribe ${logicalId}`, `HTTP ${status}`, text);
}
