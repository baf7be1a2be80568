// What a client is told of its batch: accepted, with what of it was not, or refused as a whole.

import type { AssignedId, RejectedEvent, ValidatedBatch } from './batch.ts';

export type BatchRefusal = 'no_valid_event' | 'not_all_valid';

export type BatchOutcome =
  | {
      readonly refusal?: never;
      readonly batchId: string;
      readonly accepted: number;
      readonly rejected: readonly RejectedEvent[];
      readonly assigned: readonly AssignedId[];
    }
  | { readonly refusal: BatchRefusal; readonly rejected: readonly RejectedEvent[] };

/** Undefined where the batch is accepted. A strict one is accepted whole or not at all. */
export function refusalOf({ accepted, rejected }: ValidatedBatch, strict: boolean): BatchRefusal | undefined {
  if (accepted.length === 0) return 'no_valid_event';
  return strict && rejected.length > 0 ? 'not_all_valid' : undefined;
}
