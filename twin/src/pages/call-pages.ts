// What runs and what it calls: the functions and the call meter.

import type { CallMeter } from '../core/proxy/call-meter.ts';
import type { FunctionActivity } from '../services/lambda/deployed-function.ts';
import type { Pages } from './pages.ts';

export function activityPages(
  meter: Pick<CallMeter, 'calls' | 'reset'>,
  activity: () => Readonly<Record<string, FunctionActivity>>,
): Pages {
  return {
    'GET /_weir/calls': {
      about: 'AWS calls by function and operation: calls, errors, items, capacity units, bytes, time',
      answer: () => meter.calls(),
    },
    'DELETE /_weir/calls': { about: 'starts that count afresh', answer: () => meter.reset() },
    'GET /_weir/functions': {
      about: 'what runs of each function: environments, and how its invocations went',
      answer: activity,
    },
  };
}
