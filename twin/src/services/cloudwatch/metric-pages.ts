// The metrics that functions published, to be read and begun afresh.

import type { Pages } from '../../pages/pages.ts';
import type { Metrics } from './metrics.ts';

export function metricPages(metrics: Pick<Metrics, 'series' | 'complaints' | 'lines' | 'reset'>): Pages {
  return {
    'GET /metrics': {
      about: 'metrics that functions published, by name and dimensions, and lines that CloudWatch would drop',
      answer: () => ({ series: metrics.series(), complaints: metrics.complaints() }),
    },
    'GET /metrics/lines': {
      about: 'the latest 1,000 lines that hold metrics',
      answer: () => ({ lines: metrics.lines() }),
    },
    'DELETE /metrics': { about: 'starts them afresh', answer: () => metrics.reset() },
  };
}
