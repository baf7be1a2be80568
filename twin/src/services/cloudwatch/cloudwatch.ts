// CloudWatch: the metrics that functions print.

import { join } from 'node:path';
import type { Service, ServiceContext } from '../../core/service.ts';
import { metricPages } from './metric-pages.ts';
import { Metrics } from './metrics.ts';

export type CloudWatch = Service & { readonly metrics: Metrics };

export function createCloudWatch({
  logFolder,
  functionLabels,
}: Pick<ServiceContext, 'logFolder'> & { readonly functionLabels: readonly string[] }): CloudWatch {
  const metrics = new Metrics({
    logFiles: Object.fromEntries(functionLabels.map((label) => [label, join(logFolder, `${label}.log`)])),
  });
  return {
    name: 'monitoring',
    pages: metricPages(metrics),
    phases: { receivers: [metrics] },
    metrics,
  };
}
