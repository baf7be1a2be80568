// Logs and metrics as every function has them. The dimensions are `endpoint` and, where a request has one,
// `tier`; an account is a property of the line, never a dimension.

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { MetricName } from '../../domain/service-levels/metrics.ts';

export type Endpoint = 'authorize' | 'ingest' | 'consume' | 'read' | 'report' | 'settle';

export type Meter = {
  count(name: MetricName, value: number): void;
  milliseconds(name: MetricName, value: number): void;
  tier(tier: string): void;
  /** Sends what was measured so far, for work that lasts. */
  publish(): void;
};

export function createTelemetry(endpoint: Endpoint): { logger: Logger; metrics: Metrics; meter: Meter } {
  // The namespace is the stage's, by POWERTOOLS_METRICS_NAMESPACE.
  const metrics = new Metrics();
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ endpoint });
  return {
    logger: new Logger({ serviceName: endpoint }),
    metrics,
    meter: {
      count: (name, value) => metrics.addMetric(name, MetricUnit.Count, value),
      milliseconds: (name, value) => metrics.addMetric(name, MetricUnit.Milliseconds, value),
      tier: (tier) => metrics.addDimension('tier', tier),
      publish: () => metrics.publishStoredMetrics(),
    },
  };
}

/**
 * Publishes what an invocation measured, whether it succeeded or not. In place of the library's own middleware,
 * which warns where nothing was measured: a refused request is no reason to look into the log.
 */
export function publishMetrics(metrics: Metrics): MiddlewareObj {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    else metrics.clearDimensions();
  };
  return { after: publish, onError: publish };
}
