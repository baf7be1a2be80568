// The logger and the metrics of every function. The dimensions are `endpoint` and, for a request, `tier`. An account is
// a property of the log line, never a dimension: CloudWatch bills each combination of dimensions as a metric of its own.

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import {
  type AnsweringVerb,
  failedRequestsMetric,
  failureDimensions,
  type MetricName,
} from '../../domain/service-levels/metrics.ts';
import type { FunctionVerb } from '../../domain/system/stage-names.ts';

export type Meter = {
  count(name: MetricName, value: number): void;
  milliseconds(name: MetricName, value: number): void;
  tier(tier: string): void;
  /** Publishes now what was measured so far. Otherwise the metrics are published when the invocation ends. */
  publish(): void;
};

export function createTelemetry(endpoint: FunctionVerb): { logger: Logger; metrics: Metrics; meter: Meter } {
  // The namespace comes from POWERTOOLS_METRICS_NAMESPACE, which is the stage's.
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
 * Publishes what an invocation measured, whether it succeeded or not. The library's own middleware logs a warning if
 * nothing was measured, which is normal for a refused request.
 */
export function publishMetrics(metrics: Metrics): MiddlewareObj {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    else metrics.clearDimensions();
  };
  return { after: publish, onError: publish };
}

/**
 * Counts answers with a 5xx, of all versions and of this one: a new version that fails more than the one beside it is
 * taken back. Lambda counts only what throws. Nothing is published for what succeeds.
 */
export function countFailures(
  metrics: Metrics,
  endpoint: AnsweringVerb,
  version: string,
): MiddlewareObj<unknown, { statusCode: number }> {
  const count = ({ response }: { readonly response: { readonly statusCode: number } | null | undefined }) => {
    if (response == null || response.statusCode < 500) return;
    const failures = metrics.singleMetric();
    // Without the library's own dimension, the service. Each set is added to the defaults.
    failures.clearDefaultDimensions();
    failures.setDefaultDimensions({ ...failureDimensions(endpoint) });
    failures.addDimensions({});
    failures.addDimensions({ version });
    failures.addMetric(failedRequestsMetric, MetricUnit.Count, 1);
  };
  return { after: count, onError: count };
}
