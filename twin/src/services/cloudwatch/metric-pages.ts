// The metrics that functions published, to be read and begun afresh.

import type { Pages } from '../../pages/pages.ts';
import type { Metrics } from './metrics.ts';
import { openMetricsType, renderOpenMetrics } from './open-metrics.ts';

export function metricPages(
  metrics: Pick<Metrics, 'series' | 'awsSeries' | 'complaints' | 'lines' | 'reset'>,
): Pages {
  return {
    'GET /metrics': {
      about: 'metrics that functions published, by name and dimensions, and lines that CloudWatch would drop',
      answer: () => ({ series: metrics.series(), complaints: metrics.complaints() }),
    },
    'GET /metrics/aws': {
      about:
        'metrics that AWS makes by itself: of the API, functions, mappings, tables, streams, the firewall',
      answer: () => ({ series: metrics.awsSeries() }),
    },
    'GET /metrics/openmetrics': {
      about: 'all of these metrics as OpenMetrics, for those who scrape',
      contentType: openMetricsType,
      answer: () => renderOpenMetrics([...metrics.series(), ...metrics.awsSeries()]),
    },
    'GET /metrics/lines': {
      about: 'the latest 1,000 lines that hold metrics',
      answer: () => ({ lines: metrics.lines() }),
    },
    'DELETE /metrics': { about: 'starts them afresh', answer: () => metrics.reset() },
  };
}
