// What calls to EventBridge need: PutEvents, on each bus that its entries name.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html

import { isJsonRecord } from '../../../core/json-record.ts';
import { jsonBody } from '../../../core/proxy/json-body.ts';
import { eventBusArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

export const eventsNeeds: Needs = ({ operation, body }) => {
  const { Entries } = jsonBody(body) ?? {};
  if (operation !== 'PutEvents' || !Array.isArray(Entries)) return undefined;
  const buses = Entries.map((entry: unknown) =>
    isJsonRecord(entry) ? String(entry.EventBusName ?? 'default') : 'default',
  );
  return [...new Set(buses)].map((bus) => ({ action: 'events:PutEvents', resource: eventBusArn(bus) }));
};
