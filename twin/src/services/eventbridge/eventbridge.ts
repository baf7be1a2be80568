// EventBridge: rules with a pattern on the default bus, and rules on a schedule.

import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Service, ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { EventRules } from './event-rules.ts';
import { Schedules } from './schedules.ts';

export type EventBridgeContext = Pick<ServiceContext, 'clock' | 'report'> & {
  readonly invocations: AsyncInvoker;
};

export type EventBridge = Service & { readonly putEvent: EventRules['put'] };

export function createEventBridge(template: Template, context: EventBridgeContext): EventBridge {
  const rules = new EventRules({ template, ...context });
  return {
    name: 'events',
    phases: { receivers: [rules], sources: [new Schedules({ template, ...context })] },
    putEvent: rules.put,
  };
}
