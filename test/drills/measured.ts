// Which values a metric has in a minute, by what happened in it. A metric that is not here stops the drills with its name: an
// alarm on it would have been seen neither to ring nor to be silent.

import type { MetricIdentity } from '@weir/twin/cloudwatch';
import { metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import type { Promises } from './promises.ts';
import { eventsOfBatch, type Happened } from './world.ts';

type Spread = readonly (readonly [value: number, count: number])[];
type Total = { readonly count: number; readonly sum: number; readonly min: number; readonly max: number };
/** Undefined where nobody publishes anything. */
export type Measured = Spread | Total | undefined;
export type Model = (of: Happened, promises: Promises) => Measured;
type Dimensions = Readonly<Record<string, string>>;
type ModelOf = (dimensions: Dimensions) => Model | undefined;

/** Published when it happens. */
const counted = (count: number): Measured =>
  count > 0 ? { count: 1, sum: count, min: count, max: count } : undefined;
/** Published for each call, mostly as 0. */
const among = (calls: number, count: number): Measured =>
  calls > 0 ? { count: calls, sum: count, min: 0, max: 1 } : undefined;
const one = (value: number): Measured => [[value, 1]];
const times = (calls: number, slow: number, slowMs: number): Spread => {
  const quick = calls - slow;
  const rare = Math.floor(quick / 20);
  return [
    [20, quick - rare],
    [90, rare],
    [slowMs, slow],
  ];
};

const summariesOf = ({ reads }: Happened) => Math.floor(reads / 2);
const searchesOf = ({ reads }: Happened) => Math.floor(reads / 4);
const isAnswered = ({ tables }: Happened) => tables === 'there';
const tablesAnswer = (of: Happened) => of.tables === 'there';

/** Of one route, by what the gateway counts of it. */
const routes: Readonly<
  Record<string, (of: Happened) => { count: number; bad: number; refused: number; slow: number }>
> = {
  'POST /v1/events': (of) => ({
    count: of.batches + of.overPlan,
    bad: of.failed,
    refused: of.invalid + of.shed + of.overPlan,
    slow: of.slow,
  }),
  'GET /v1/accounts/{account_id}/summary': (of) => {
    const count = summariesOf(of);
    return { count, bad: isAnswered(of) ? 0 : count, refused: 0, slow: 0 };
  },
  'GET /v1/events': (of) => {
    const count = searchesOf(of);
    return { count, bad: isAnswered(of) ? 0 : count, refused: 0, slow: 0 };
  },
  'POST /v1/events:debug': () => ({ count: 0, bad: 0, refused: 0, slow: 0 }),
  'GET /health': () => ({ count: 1, bad: 0, refused: 0, slow: 0 }),
  'HEAD /health': () => ({ count: 0, bad: 0, refused: 0, slow: 0 }),
};

function gateway(name: string): ModelOf {
  return ({ Method, Resource }) => {
    const route =
      Method === undefined
        ? (of: Happened) => ({
            count: of.batches + of.overPlan + of.reads + 1,
            bad: of.failed + of.failedReads,
            refused: of.invalid + of.shed + of.overPlan,
            slow: of.slow,
          })
        : routes[`${Method} ${Resource}`];
    if (route === undefined) return undefined;
    return (happened) => {
      const { count, bad, refused, slow } = route(happened);
      switch (name) {
        case 'Count':
          return among(count, count);
        case '5XXError':
          return among(count, bad);
        case '4XXError':
          return among(count, refused);
        default:
          return times(count, slow, 800);
      }
    };
  };
}

/** Published by tier: seven in ten are of the first, and nobody is of the last. */
const byTier =
  (total: (of: Happened) => number): ModelOf =>
  ({ tier }) =>
  (of) => {
    const standard = Math.ceil(total(of) * 0.7);
    if (tier === 'standard') return counted(standard);
    return tier === 'enterprise' ? counted(total(of) - standard) : undefined;
  };

const always =
  (model: Model): ModelOf =>
  () =>
    model;
const never = always(() => undefined);

const isOfLive = ({ FunctionName, EventSourceMappingUUID = '' }: Dimensions) =>
  FunctionName === 'weir-dev-consume' || EventSourceMappingUUID.includes('stateless-ConsumerMapping');

/** How often functions are invoked. Those of a consumer hand over some hundred records at once. */
const invocations: Readonly<Record<string, (of: Happened) => number>> = {
  authorize: (of) => of.batches + of.reads,
  ingest: (of) => of.batches - of.shed,
  read: (of) => of.reads,
  manage: () => 0,
  consume: (of) => (of.ageMs === undefined ? 0 : Math.ceil(of.stored / 100) || 1),
  'consume-priority': () => 0,
  'consume-late': () => 0,
  tally: (of) => Math.ceil(of.accepted / 100),
  announce: () => 0,
  probe: () => 1,
  measure: () => 1,
  settle: (of) => (of.settles ? 1 : 0),
  report: (of) => (of.reports ? 1 : 0),
  review: (of) => (of.reviews ? 1 : 0),
};

const callsOf =
  (measure: (calls: number, name: string, of: Happened) => Measured): ModelOf =>
  ({ FunctionName = '' }) => {
    const name = FunctionName.replace('weir-dev-', '');
    const calls = invocations[name];
    return calls && ((of) => measure(calls(of), name, of));
  };

/** Settle and report do nothing without tables. */
const failsOf = (name: string, { tables }: Happened): boolean =>
  tables === 'away' && (name === 'settle' || name === 'report');

const onlyOfLive =
  (model: Model): ModelOf =>
  (dimensions) =>
    isOfLive(dimensions) ? model : () => undefined;

const ofReport = (figureOf: (of: Happened) => number | undefined): ModelOf =>
  always((of) => {
    const value = of.reports && tablesAnswer(of) ? figureOf(of) : undefined;
    return value === undefined ? undefined : one(value);
  });

const ours = metricNamespaceOf('dev');

const models: Readonly<Record<string, Readonly<Record<string, ModelOf>>>> = {
  'AWS/ApiGateway': Object.fromEntries(
    ['Count', '5XXError', '4XXError', 'Latency'].map((name) => [name, gateway(name)]),
  ),
  'AWS/Lambda': {
    Invocations: callsOf((calls) => counted(calls)),
    Errors: callsOf((calls, name, of) => among(calls, failsOf(name, of) ? calls : 0)),
    Duration: callsOf((calls) => times(calls, 0, 800)),
    Throttles: onlyOfLive((of) => (of.consumer === 'throttled' ? one(20) : undefined)),
    IteratorAge: onlyOfLive(({ ageMs }) => (ageMs === undefined ? undefined : one(ageMs))),
    // An empty poll counts. Whether a mapping polls on whose function is throttled is not documented: here it does, so that
    // another alarm has to ring.
    PolledEventCount: (dimensions) => (of) =>
      isOfLive(dimensions) && of.consumer === 'disabled' ? undefined : among(60, of.accepted),
    DroppedEventCount: never,
    OnFailureDestinationDeliveredEventCount: never,
    DestinationDeliveryFailures: never,
  },
  'AWS/DynamoDB': {
    SuccessfulRequestLatency: always((of) => (tablesAnswer(of) ? times(of.accepted, 0, 0) : undefined)),
    SystemErrors: always((of) => (tablesAnswer(of) ? undefined : counted(of.batches))),
    ReadThrottleEvents: never,
    WriteThrottleEvents: never,
  },
  'AWS/Kinesis': { WriteProvisionedThroughputExceeded: always((of) => among(of.accepted, 0)) },
  'AWS/WAFV2': { BlockedRequests: never },
  [ours]: {
    acceptedEvents: byTier((of) => of.accepted * eventsOfBatch),
    idempotencyReplays: byTier((of) => Math.floor(of.accepted / 100)),
    idempotencySkipped: byTier((of) => (tablesAnswer(of) ? 0 : Math.floor(of.accepted / 10))),
    limitsSkipped: ({ endpoint, tier = '' }) =>
      byTier((of) => {
        if (tablesAnswer(of)) return 0;
        return endpoint === 'ingest' ? of.accepted : of.isLetIn ? of.reads : 0;
      })({ tier }),
    shedRequests: byTier((of) => of.shed),
    breakerOpenings: byTier((of) => of.breakerOpenings),
    lostRejections: never,
    failedRequests:
      ({ endpoint }) =>
      (of) =>
        counted(endpoint === 'ingest' ? of.failed : endpoint === 'read' ? of.failedReads : 0),

    storedEvents: always((of) => counted(of.stored * eventsOfBatch)),
    duplicateEvents: always((of) => counted(Math.floor((of.stored * eventsOfBatch) / 100))),
    conflictingEvents: never,
    quarantinedEvents: never,
    quarantinedRecords: never,
    deadLetteredRecords: never,
    droppedRecords: never,
    measuredRecords: always((of) => counted(of.stored)),
    freshRecords: always((of) => counted(of.fresh)),
    heldRecords: always((of) => counted(of.held)),
    leftOutRecords: never,

    summaryAnswers: byTier((of) => (isAnswered(of) ? summariesOf(of) : 0)),
    summaryAnswersInTime: byTier((of) => (isAnswered(of) ? summariesOf(of) : 0)),
    searchAnswers: byTier((of) => (isAnswered(of) ? searchesOf(of) : 0)),
    searchAnswersInTime: byTier((of) => (isAnswered(of) ? searchesOf(of) : 0)),

    abandonedRecords: never,
    leftUndone: never,
    ledgerImbalance: ofReport(() => 0),
    ledgerMissing: ofReport((of) => of.missingRecords * eventsOfBatch),
    recordsInFlight: ofReport((of) => of.inFlight),
    activeAccounts: ofReport(() => 12),
    throughputPercent: ofReport((of) => of.throughputPercent),
    oldestUnfolded: ofReport(() => 3_000_000),
    objectiveMissed:
      ({ objective = '' }) =>
      (of, promises) =>
        of.reviews ? one(promises.isMissed(objective) ? 1 : 0) : undefined,
    probeSucceeded: always((of) => one(of.probeSucceeded)),
    unauthorizedAnswers: always((of) => counted(Math.floor(of.batches / 200))),
    throttledAnswers: always((of) => counted(of.shed + of.overPlan)),
    ingestRequests: always((of) => counted(of.batches + of.overPlan)),
    ingestFailures: always((of) => counted(of.failed)),
    readRequests: always((of) => counted(of.reads)),
    readFailures: always((of) => counted(of.failedReads)),
  },
};

export class MetricNotInWorld extends Error {
  override readonly name = 'MetricNotInWorld';
}

export function modelOf({ namespace, name, dimensions }: MetricIdentity): Model {
  const model = models[namespace]?.[name]?.(dimensions);
  if (model === undefined)
    throw new MetricNotInWorld(
      `An alarm watches ${namespace} ${name} ${JSON.stringify(dimensions)}, which the drills do not know. ` +
        'Say in test/drills/measured.ts which values it has.',
    );
  return model;
}
