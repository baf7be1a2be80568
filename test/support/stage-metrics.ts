// Days of a stage at once: what it and AWS would have measured, minute by minute, put into the store of a twin. More by day
// than by night; from the minute alone, so that it is the same each time.

import type { MetricStore } from '@weir/twin/cloudwatch';
import type { Template } from '@weir/twin/template';
import { dimensionsOf } from '../../domain/service-levels/dimensions.ts';
import { type ApiIdentity, declared, ofGateway } from '../../domain/service-levels/indicators.ts';
import { type MetricOf, metricNamespaceOf, type Publisher } from '../../domain/service-levels/metrics.ts';
import { functionNameOf } from '../../domain/system/stage-names.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { scheduledFunctions } from '../../lib/slo/signals/scheduled-functions.ts';

/** What goes wrong in a minute. */
export type Trouble = {
  /** The share of requests that are answered 5xx. */
  readonly failing?: number;
  /** The share of batches that take longer than promised. */
  readonly slow?: number;
  /** Nothing is polled, and so nothing is stored. */
  readonly isStopped?: boolean;
};

export type FedStage = {
  readonly store: Pick<MetricStore, 'addSet'>;
  readonly template: Template;
  readonly stage: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly trouble: (atMs: number) => Trouble;
};

const resources = {
  ingest: declared('POST', '/v1/events'),
  summary: declared('GET', '/v1/accounts/{account_id}/summary'),
  search: declared('GET', '/v1/events'),
};

export function feedStage({ store, template, stage, fromMs, toMs, trouble }: FedStage): void {
  const [api] = template.resources('AWS::ApiGateway::Stage');
  const identity: ApiIdentity = { apiName: `weir-${stage}`, stageName: String(api?.properties.StageName) };
  const mappings = template.resources('AWS::Lambda::EventSourceMapping').map(({ reference }) => reference);
  for (let timestampMs = fromMs; timestampMs < toMs; timestampMs += minuteMs) {
    const put = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>, of: Pairs) =>
      store.addSet({ namespace, name, dimensions, unit: 'Count', timestampMs, of });
    feedMinute(stage, identity, mappings, timestampMs, trouble(timestampMs), put);
  }
}

type Pairs = readonly (readonly [value: number, count: number])[];
type Put = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>, of: Pairs) => void;

function feedMinute(
  stage: string,
  api: ApiIdentity,
  mappings: readonly string[],
  atMs: number,
  { failing = 0, slow = 0, isStopped = false }: Trouble,
  put: Put,
): void {
  const minute = Math.floor(atMs / minuteMs);
  const requests = 60 + Math.round(40 * Math.sin((minute / 1440) * 2 * Math.PI)) + (minute % 7);
  const failed = Math.round(requests * failing);
  const slowOnes = Math.round(requests * slow);
  const latency = [
    [9, requests - slowOnes - 2],
    [34, 2],
    [900, slowOnes],
  ] as const satisfies Pairs;

  const gateway = (route: (typeof resources)[keyof typeof resources] | undefined, count: number) => {
    for (const [name, of] of [
      ['Count', [[1, count]]],
      ['5XXError', [[1, Math.round(count * failing)]]],
      ['4XXError', [[1, minute % 5]]],
      ['Latency', latency],
    ] as const) {
      const { namespace, dimensions } = ofGateway(api, name, route);
      put(
        namespace,
        name,
        dimensions,
        of.filter(([, times]) => times > 0),
      );
    }
  };
  gateway(undefined, 2 * requests);
  gateway(resources.ingest, requests);
  gateway(resources.summary, Math.round(requests / 2));
  gateway(resources.search, Math.round(requests / 2));

  const own = <Of extends Publisher>(publisher: Of, name: MetricOf<Of>, of: Pairs) => {
    for (const dimensions of dimensionsOf(publisher)) put(metricNamespaceOf(stage), name, dimensions, of);
  };
  for (const kind of ['ingest', 'read'] as const) {
    own('accessLog', `${kind}Requests`, [[1, requests]]);
    if (failed > 0) own('accessLog', `${kind}Failures`, [[1, failed]]);
  }
  const accepted = 20 * (requests - failed);
  own('ingest', 'acceptedEvents', [[accepted, 1]]);
  own('ingest', 'rejectedEvents', [[minute % 4, 1]]);
  own('read', 'summaryAnswers', [[20, 1]]);
  own('read', 'summaryAnswersInTime', [[20, 1]]);
  if (!isStopped) {
    own('consume', 'storedEvents', [[2 * accepted, 1]]);
    own('consume', 'duplicateEvents', [[minute % 40, 1]]);
    own('consume', 'measuredRecords', [[requests, 1]]);
    own('consume', 'freshRecords', [[requests - (minute % 100 === 0 ? 1 : 0), 1]]);
    own('consume', 'freshness', [
      [400 + (minute % 30) * 10, requests],
      [2100, 1],
    ]);
    for (const id of mappings)
      put('AWS/Lambda', 'PolledEventCount', { EventSourceMappingUUID: id }, [[requests, 1]]);
  }
  own('probe', 'probeSucceeded', [[isStopped ? 0 : 1, 1]]);
  for (const { verb, everyMinutes } of scheduledFunctions)
    if (minute % everyMinutes === 0)
      put('AWS/Lambda', 'Invocations', { FunctionName: functionNameOf(stage, verb) }, [[1, 1]]);
  if (minute % 15 !== 0) return;
  own('report', 'activeAccounts', [[12 + (Math.floor(minute / 15) % 5), 1]]);
  own('report', 'ledgerMissing', [[0, 1]]);
  own('report', 'ledgerImbalance', [[0, 1]]);
  own('report', 'recordsInFlight', [[isStopped ? 900 : minute % 3, 1]]);
}
