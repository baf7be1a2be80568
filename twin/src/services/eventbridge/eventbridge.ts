// EventBridge: buses, with rules that match what is put on them, and rules on a schedule.

import type { AsyncInvoker } from '../../core/invocation.ts';
import type { Service, ServiceContext } from '../../core/service.ts';
import type { Template } from '../../template/template.ts';
import { busNames, defaultBus } from './buses.ts';
import { type BusEvent, EventRules } from './event-rules.ts';
import { createPutEvents } from './put-events.ts';
import { Schedules } from './schedules.ts';

export type EventBridgeContext = Pick<ServiceContext, 'clock' | 'report'> & {
  readonly invocations: AsyncInvoker;
};

/** What was put on a bus, and the rules that it matched. */
export type SeenEvent = {
  readonly bus: string;
  readonly event: BusEvent;
  readonly rules: readonly string[];
};

export type EventBridge = Service & {
  /** On the default bus. */
  readonly putEvent: (event: BusEvent) => void;
  /** The last ones, the newest first. */
  readonly events: () => readonly SeenEvent[];
};

const mostSeen = 500;

export function createEventBridge(template: Template, context: EventBridgeContext): EventBridge {
  const rules = new EventRules({ template, ...context });
  const buses = busNames(template);
  const seen: SeenEvent[] = [];
  const put = (event: BusEvent, bus: string) => {
    seen.unshift({ bus, event, rules: rules.put(event, bus) });
    if (seen.length > mostSeen) seen.pop();
  };
  return {
    name: 'events',
    destination: { answer: createPutEvents({ ...context, hasBus: (name) => buses.has(name), put }) },
    pages: {
      'GET /events': {
        about: `what was put on event buses, the newest first, up to ${mostSeen}, with the rules it matched`,
        answer: () => ({ events: seen }),
      },
    },
    phases: { receivers: [rules], sources: [new Schedules({ template, ...context })] },
    putEvent: (event) => put(event, defaultBus),
    events: () => [...seen],
  };
}
