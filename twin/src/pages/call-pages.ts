// The pages of AWS calls, as the proxy counts them.

import type { CallMeter } from '../core/proxy/call-meter.ts';
import type { Pages } from './pages.ts';

export function callPages(meter: Pick<CallMeter, 'calls' | 'reset'>): Pages {
  return {
    'GET /calls': {
      about: 'AWS calls by function and operation: calls, errors, items, capacity units, bytes, time',
      answer: () => meter.calls(),
    },
    'DELETE /calls': { about: 'starts that count afresh', answer: () => meter.reset() },
  };
}
