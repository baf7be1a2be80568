// The metrics that functions publish, and under which dimensions. Alarms and dashboards take both from here, so that no
// alarm looks where nobody publishes. An account is never a dimension.

import type { FunctionVerb } from '../system/stage-names.ts';

/** By stage: stages may share an AWS account and a region, and one must not ring for another. */
export const metricNamespaceOf = (stage: string): string => `Weir/${stage}`;

export const metricNames = {
  acceptedEvents: 'acceptedEvents',
  rejectedEvents: 'rejectedEvents',
  /** Records of rejections that are not counted: the stream did not take them, or they cannot be read. */
  lostRejections: 'lostRejections',
  batchSize: 'batchSize',
  enqueueTime: 'enqueueTime',
  idempotencyReplays: 'idempotencyReplays',
  idempotencySkipped: 'idempotencySkipped',
  breakerOpenings: 'breakerOpenings',
  /** Requests refused by a limit of units a minute. */
  rateLimited: 'rateLimited',
  /** Batches refused by a quota. */
  quotaRefused: 'quotaRefused',
  /** Requests over a limit that does not refuse: it is only observed, or a soft quota. */
  overLimitAccepted: 'overLimitAccepted',
  /** Of accounts whose requests are nearly all invalid, and the requests refused while they are open. */
  circuitOpenings: 'circuitOpenings',
  circuitRefused: 'circuitRefused',
  /** Requests refused because the store is behind. */
  shedRequests: 'shedRequests',
  /** Requests let through without a look at the limit, because its table does not answer. */
  limitsSkipped: 'limitsSkipped',
  freshness: 'freshness',
  /** Live records that were counted, and those that were within the time of the objective. */
  measuredRecords: 'measuredRecords',
  freshRecords: 'freshRecords',
  /** Of late events. A backfill may come faster than it is stored. */
  lateFreshness: 'lateFreshness',
  storedEvents: 'storedEvents',
  duplicateEvents: 'duplicateEvents',
  conflictingEvents: 'conflictingEvents',
  /** Claims of ids that were held already, by an earlier try of the same record or by another record. */
  contestedClaims: 'contestedClaims',
  quarantinedEvents: 'quarantinedEvents',
  quarantinedRecords: 'quarantinedRecords',
  /** Records quarantined by an outage whose automatic replays are used up. */
  abandonedRecords: 'abandonedRecords',
  /** Records that are counted and in no document, because their receipts cannot be applied. */
  leftOutRecords: 'leftOutRecords',
  /** How long the receipt has been waiting that waits longest for its run. */
  oldestUnfolded: 'oldestUnfolded',
  /** Environments for which a report had no time. */
  unseenEnvironments: 'unseenEnvironments',
  /** What a sweep could not finish and tries again. */
  leftUndone: 'leftUndone',
  /** Records counted after they were in quarantine. */
  replayedRecords: 'replayedRecords',
  /** Calls to the tables that were retried, in whole or in part. */
  retriedCalls: 'retriedCalls',
  heldRecords: 'heldRecords',
  /** Records of an account that was deleted since. They are not stored. */
  droppedRecords: 'droppedRecords',
  /** Records that left the stream for the bucket because the tables refuse their lane. */
  deadLetteredRecords: 'deadLetteredRecords',
  /** Lines and deliveries of the access log that measure cannot read. */
  unreadableLines: 'unreadableLines',
  ledgerImbalance: 'ledgerImbalance',
  /** Events that ingest acknowledged more than a quarter of an hour ago, and of which the ledger has no outcome. */
  ledgerMissing: 'ledgerMissing',
  /** Records that were acknowledged and have no outcome yet. */
  recordsInFlight: 'recordsInFlight',
  activeAccounts: 'activeAccounts',
  /** Events of the last full hour, in percent of the usual. Nothing where too little is usual. */
  throughputPercent: 'throughputPercent',
  /** Summaries and searches that were answered, and those within the time of their objective. */
  summaryAnswers: 'summaryAnswers',
  summaryAnswersInTime: 'summaryAnswersInTime',
  searchAnswers: 'searchAnswers',
  searchAnswersInTime: 'searchAnswersInTime',
  /** Over the window of the objective: the percentage that was good, and how much of its budget is left. */
  attainmentPercent: 'attainmentPercent',
  budgetLeftPercent: 'budgetLeftPercent',
  /** 1 if the budget is used up, and by more than a few that were bad. */
  objectiveMissed: 'objectiveMissed',
  /** 1 for a run of the probe whose event was taken and could be read, 0 for any other. */
  probeSucceeded: 'probeSucceeded',
  /** From sending the probe's event until it could be read. */
  probeRoundTrip: 'probeRoundTrip',
  /** Answers of the gateway, its own among them: of 401, and of 429. Counted in the access log. */
  unauthorizedAnswers: 'unauthorizedAnswers',
  throttledAnswers: 'throttledAnswers',
  /** By objective, whatever the route, and how many of them were answered with a 5xx. Counted in the access log. */
  ingestRequests: 'ingestRequests',
  ingestFailures: 'ingestFailures',
  readRequests: 'readRequests',
  readFailures: 'readFailures',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];

export type Published = {
  readonly byTier: boolean;
  /** Once for each objective. */
  readonly byObjective?: true;
  readonly metrics: readonly MetricName[];
};

const ofStoring = [
  'storedEvents',
  'duplicateEvents',
  'conflictingEvents',
  'contestedClaims',
  'quarantinedEvents',
  'quarantinedRecords',
  'replayedRecords',
  'droppedRecords',
  'lostRejections',
] as const satisfies readonly MetricName[];

/**
 * What each function publishes. All metrics have the dimension `endpoint`; `byTier`: and `tier`; `byObjective`: and
 * `objective`. What is counted in the access log has no dimension: a filter of logs cannot add one.
 */
export const published = {
  ingest: {
    byTier: true,
    metrics: [
      'acceptedEvents',
      'rejectedEvents',
      'lostRejections',
      'batchSize',
      'enqueueTime',
      'idempotencyReplays',
      'idempotencySkipped',
      'breakerOpenings',
      'rateLimited',
      'quotaRefused',
      'overLimitAccepted',
      'limitsSkipped',
      'circuitOpenings',
      'circuitRefused',
      'shedRequests',
    ],
  },
  consume: {
    byTier: false,
    metrics: [
      ...ofStoring,
      'leftOutRecords',
      'freshness',
      'measuredRecords',
      'freshRecords',
      'lateFreshness',
      'retriedCalls',
      'heldRecords',
      'deadLetteredRecords',
    ],
  },
  read: {
    byTier: true,
    metrics: [
      'rateLimited',
      'overLimitAccepted',
      'limitsSkipped',
      'summaryAnswers',
      'summaryAnswersInTime',
      'searchAnswers',
      'searchAnswersInTime',
    ],
  },
  measure: { byTier: false, metrics: ['unreadableLines'] },
  settle: { byTier: false, metrics: [...ofStoring, 'abandonedRecords', 'leftUndone'] },
  report: {
    byTier: false,
    metrics: [
      'ledgerImbalance',
      'ledgerMissing',
      'recordsInFlight',
      'activeAccounts',
      'throughputPercent',
      'leftOutRecords',
      'oldestUnfolded',
      'unseenEnvironments',
    ],
  },
  review: {
    byTier: false,
    byObjective: true,
    metrics: ['attainmentPercent', 'budgetLeftPercent', 'objectiveMissed'],
  },
  probe: { byTier: false, metrics: ['probeSucceeded', 'probeRoundTrip'] },
  accessLog: {
    byTier: false,
    metrics: [
      'unauthorizedAnswers',
      'throttledAnswers',
      'ingestRequests',
      'ingestFailures',
      'readRequests',
      'readFailures',
    ],
  },
} as const satisfies Partial<Record<FunctionVerb | 'accessLog' | 'probe' | 'review', Published>>;

export type Publisher = keyof typeof published;
export type MetricOf<Of extends Publisher> = (typeof published)[Of]['metrics'][number];

/** Answers with a 5xx. It is not among those above, because it tells versions apart: a deploy is rolled back by it. */
export const failedRequestsMetric = 'failedRequests';

/** Those that answer requests, and publish what they failed. */
export const answeringVerbs = ['ingest', 'manage', 'read'] as const satisfies readonly FunctionVerb[];
export type AnsweringVerb = (typeof answeringVerbs)[number];

/** Of all versions, or of one. Only what fails is published, so that versions do not add up to a bill. */
export const failureDimensions = (
  endpoint: AnsweringVerb,
  version?: string,
): Readonly<Record<string, string>> => (version === undefined ? { endpoint } : { endpoint, version });
