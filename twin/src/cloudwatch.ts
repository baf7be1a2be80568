// The door to the alarms of a template without a running twin: feed metrics, and evaluate any moment.

import { Alarms } from './services/cloudwatch/alarms/alarms.ts';
import { MetricStore } from './services/cloudwatch/store/metric-store.ts';
import type { Template } from './template/template.ts';

export type { AlarmDefinition } from './services/cloudwatch/alarms/alarm-definition.ts';
export { readDataQuery } from './services/cloudwatch/alarms/alarm-definition.ts';
export type { AlarmStatus, Alarms, Transition } from './services/cloudwatch/alarms/alarms.ts';
export type { AlarmState } from './services/cloudwatch/alarms/missing-data.ts';
export { DataQueries, type DataQuery } from './services/cloudwatch/math/data-queries.ts';
export { type MetricIdentity, MetricStore } from './services/cloudwatch/store/metric-store.ts';

/** With a store of its own: `alarms.store.add`, or `addSet` for many values at once, then `alarms.evaluateAt`. */
export function createAlarms(template: Template): Alarms {
  return new Alarms(template, new MetricStore());
}
