// All signals, in the order in which the dashboard shows them.

import { blockedAddresses } from './blocked-addresses.ts';
import { consumerErrors } from './consumer-errors.ts';
import { deadLetters } from './dead-letters.ts';
import { heldRecords } from './held-records.ts';
import { lateLag } from './late-lag.ts';
import { ledgerImbalance } from './ledger-imbalance.ts';
import { leftOut } from './left-out.ts';
import { limitsSkipped } from './limits-skipped.ts';
import { priorityLag } from './priority-lag.ts';
import { quarantined } from './quarantined.ts';
import { shedding } from './shedding.ts';
import type { Signal } from './signal.ts';
import { streamLag } from './stream-lag.ts';
import { unfolded } from './unfolded.ts';

export const signals: readonly Signal[] = [
  streamLag,
  priorityLag,
  lateLag,
  consumerErrors,
  heldRecords,
  deadLetters,
  quarantined,
  ledgerImbalance,
  leftOut,
  unfolded,
  limitsSkipped,
  blockedAddresses,
  shedding,
];
