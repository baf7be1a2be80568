// All signals, in the order in which the dashboard shows them, by what they are about.

import { clientErrors, errorRate, throttled, unauthorized } from './answers.ts';
import { attainments } from './attainment.ts';
import { blockedAddresses } from './blocked-addresses.ts';
import { consumerErrors } from './consumer-errors.ts';
import { deadLetters } from './dead-letters.ts';
import { duplicates } from './duplicates.ts';
import { heldRecords } from './held-records.ts';
import { impossibleNumbers } from './impossible-numbers.ts';
import { ingestionStopped } from './ingestion-stopped.ts';
import { lateLag } from './late-lag.ts';
import { ledgerMissing, recordsInFlight } from './ledger.ts';
import { ledgerImbalance } from './ledger-imbalance.ts';
import { leftOut } from './left-out.ts';
import { limitsSkipped } from './limits-skipped.ts';
import { lowThroughput } from './low-throughput.ts';
import { priorityLag } from './priority-lag.ts';
import { probeFailing } from './probe.ts';
import { quarantined } from './quarantined.ts';
import { metricsGone, silentFunctions } from './scheduled-functions.ts';
import { shedding } from './shedding.ts';
import type { Signal } from './signal.ts';
import { breakerOpenings, idempotencySkipped, lostRejections } from './skipped.ts';
import { slowIngest, slowSearches, slowSummaries } from './slow-answers.ts';
import { consumerThrottles, nothingStored, stoppedConsumers, stoppedTally } from './stopped-consumer.ts';
import { streamLag } from './stream-lag.ts';
import {
  streamThrottles,
  tableErrors,
  tableLatency,
  tableReadThrottles,
  tableWriteThrottles,
} from './tables.ts';
import { unfolded } from './unfolded.ts';

export type SignalGroup = { readonly about: string; readonly signals: readonly Signal[] };

export const signalGroups: readonly SignalGroup[] = [
  {
    about: 'Are users served?',
    signals: [probeFailing, errorRate, ingestionStopped, lowThroughput, ...attainments],
  },
  { about: 'How fast are answers?', signals: [slowIngest, slowSummaries, slowSearches] },
  {
    about: 'What do callers do?',
    signals: [clientErrors, throttled, unauthorized, blockedAddresses, duplicates],
  },
  {
    about: 'Is the stream consumed?',
    signals: [
      ...stoppedConsumers,
      stoppedTally,
      nothingStored,
      consumerThrottles,
      streamLag,
      priorityLag,
      lateLag,
      consumerErrors,
      heldRecords,
      deadLetters,
    ],
  },
  {
    about: 'Is every event accounted for?',
    signals: [
      quarantined,
      ledgerMissing,
      ledgerImbalance,
      recordsInFlight,
      leftOut,
      unfolded,
      lostRejections,
    ],
  },
  {
    about: 'What protects the platform, and what went on without it?',
    signals: [shedding, limitsSkipped, breakerOpenings, idempotencySkipped],
  },
  {
    about: 'Do tables and streams answer?',
    signals: [tableLatency, tableErrors, tableReadThrottles, tableWriteThrottles, streamThrottles],
  },
  {
    about: 'Can these figures be trusted?',
    signals: [...silentFunctions, metricsGone, ...impossibleNumbers],
  },
];

export const signals: readonly Signal[] = signalGroups.flatMap((group) => group.signals);
