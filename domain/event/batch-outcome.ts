// The answer to a batch: accepted, or refused as a whole, and the events that were rejected.

import type { AssignedId, RejectedEvent, ValidatedBatch } from './batch.ts';

export type BatchRefusal = 'no_valid_event' | 'not_all_valid';

export type AcceptedBatch = {
  readonly batchId: string;
  readonly accepted: number;
  readonly assigned: readonly AssignedId[];
};

export type RefusedBatch = { readonly refusal: BatchRefusal };

/** Of the batch as a whole. `BatchOutcome.rejected` names the single events. */
export type Verdict = AcceptedBatch | RefusedBatch;

export type BatchOutcome = { readonly verdict: Verdict; readonly rejected: readonly RejectedEvent[] };

/** Undefined if the batch is accepted. A strict batch is accepted whole or not at all. */
export function refusalOf({ accepted, rejected }: ValidatedBatch, strict: boolean): BatchRefusal | undefined {
  if (accepted.length === 0) return 'no_valid_event';
  return strict && rejected.length > 0 ? 'not_all_valid' : undefined;
}
