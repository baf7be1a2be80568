// What API Gateway measures of each request, refusals included: of the whole stage, and of each method whose metrics the
// stage enables. A request that no method takes is one of the stage alone.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html

import type { MetricSink } from '../../core/metric-sink.ts';
import { type MetricSource, putMetrics } from '../../core/put-metrics.ts';
import type { ApiDefinition, MethodDefinition } from './api-definition.ts';
import type { Journal } from './journal.ts';

type MeasuredApi = Pick<ApiDefinition, 'name' | 'stageName' | 'hasMethodMetrics'>;

export class RequestMetrics {
  private readonly api: MeasuredApi;
  private readonly sink: MetricSink;
  private readonly ofStage: MetricSource;
  private readonly ofMethods = new Map<MethodDefinition, MetricSource>();

  constructor(api: MeasuredApi, sink: MetricSink) {
    this.api = api;
    this.sink = sink;
    const { name: ApiName, stageName: Stage } = api;
    this.ofStage = { namespace: 'AWS/ApiGateway', dimensionSets: [{ ApiName, Stage }] };
  }

  /** Errors are 0 of a request without one, so that their average is a rate. */
  measure(journal: Journal, status: number): void {
    const { method, exchange, elapsedMs, integrationLatencyMs } = journal;
    putMetrics(this.sink, this.sourceOf(method), exchange.receivedAtMs, {
      Count: [1, 'Count'],
      '4XXError': [status >= 400 && status < 500 ? 1 : 0, 'Count'],
      '5XXError': [status >= 500 ? 1 : 0, 'Count'],
      Latency: [elapsedMs, 'Milliseconds'],
      IntegrationLatency: [integrationLatencyMs, 'Milliseconds'],
    });
  }

  private sourceOf(method: MethodDefinition | undefined): MetricSource {
    if (method === undefined || !this.api.hasMethodMetrics(method)) return this.ofStage;
    const known = this.ofMethods.get(method);
    if (known !== undefined) return known;
    const { namespace, dimensionSets } = this.ofStage;
    const names = { Method: method.httpMethod, Resource: method.resourcePath };
    const made = {
      namespace,
      dimensionSets: [...dimensionSets, ...dimensionSets.map((ofStage) => ({ ...ofStage, ...names }))],
    };
    this.ofMethods.set(method, made);
    return made;
  }
}
