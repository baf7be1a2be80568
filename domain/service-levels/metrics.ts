// The names under which functions publish and alarms look. An account is never a dimension.

/** Stages may share an account and a region, and one must not ring for another. */
export const metricNamespaceOf = (stage: string): string => `Weir/${stage}`;

export const metricNames = {
  acceptedEvents: 'acceptedEvents',
  rejectedEvents: 'rejectedEvents',
  batchSize: 'batchSize',
  enqueueTime: 'enqueueTime',
  idempotencyReplays: 'idempotencyReplays',
  idempotencySkipped: 'idempotencySkipped',
  breakerOpenings: 'breakerOpenings',
  freshness: 'freshness',
  storedEvents: 'storedEvents',
  duplicateEvents: 'duplicateEvents',
  conflictingEvents: 'conflictingEvents',
  /** Claims of ids that somebody held already: an earlier try of the same record, or another one. */
  contestedClaims: 'contestedClaims',
  quarantinedEvents: 'quarantinedEvents',
  quarantinedRecords: 'quarantinedRecords',
  /** Records that an outage parked, and that are replayed by themselves no more. */
  abandonedRecords: 'abandonedRecords',
  /** What a sweep could not settle or finish, and looks at again. */
  leftUndone: 'leftUndone',
  /** Records counted after they were in quarantine. */
  replayedRecords: 'replayedRecords',
  /** Calls to the tables that were made again, in whole or in part. */
  retriedCalls: 'retriedCalls',
  heldRecords: 'heldRecords',
  ledgerImbalance: 'ledgerImbalance',
  activeAccounts: 'activeAccounts',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
