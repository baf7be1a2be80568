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
  heldRecords: 'heldRecords',
  ledgerImbalance: 'ledgerImbalance',
  activeAccounts: 'activeAccounts',
} as const;

export type MetricName = (typeof metricNames)[keyof typeof metricNames];
