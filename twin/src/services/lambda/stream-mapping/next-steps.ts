// What becomes of records after a try, as Lambda documents it. Pure: the batch processor does what it answers.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html

import type { StreamRecord } from './kinesis-event.ts';

/** Records that are tried together, and how often they were. */
export type Work = {
  readonly records: readonly StreamRecord[];
  /** Those of the tries of these records, and no others, that count against the quota. */
  readonly retries: number;
  readonly invocations: number;
};

/** `executedVersion`: of the function, where it ran. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  /** Lambda could not call the function: no fault of the records, and never their end. */
  | { readonly kind: 'not-invoked'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly executedVersion?: string | undefined }
  /** Reported by the function: everything before this record succeeded. */
  | {
      readonly kind: 'partly-failed';
      readonly firstFailed: number;
      readonly reason: string;
      readonly executedVersion?: string | undefined;
    };

export type RetryPolicy = { readonly bisects: boolean; readonly maxRetries: number };

export type NextSteps = {
  /** From the front: done. */
  readonly doneCount: number;
  /** What is tried next, in this order. */
  readonly work: readonly Work[];
  /** What is discarded, with the tries that it had. */
  readonly discarded?: Work;
  /** Whether the next try is a repetition, which waits. */
  readonly repeats: boolean;
};

export function nextSteps(work: Work, outcome: Outcome, policy: RetryPolicy): NextSteps {
  const { records } = work;
  switch (outcome.kind) {
    case 'succeeded':
      return { doneCount: records.length, work: [], repeats: false };
    case 'not-invoked':
      return { doneCount: 0, work: [work], repeats: true };
    case 'failed':
      return policy.bisects && records.length > 1 ? bisected(work) : retried(work, policy);
    case 'partly-failed':
      // Cut where the function says. What is left is a batch of its own, with all its retries; from the first record
      // on there is nothing to cut.
      return outcome.firstFailed > 0
        ? { doneCount: outcome.firstFailed, work: [cut(work, outcome.firstFailed)], repeats: true }
        : retried(work, policy);
  }
}

function bisected(work: Work): NextSteps {
  const middle = Math.ceil(work.records.length / 2);
  return { doneCount: 0, work: [cut(work, 0, middle), cut(work, middle)], repeats: false };
}

function retried(work: Work, { maxRetries }: RetryPolicy): NextSteps {
  const tried = { ...work, invocations: work.invocations + 1 };
  return work.retries >= maxRetries
    ? { doneCount: 0, work: [], discarded: tried, repeats: false }
    : { doneCount: 0, work: [{ ...tried, retries: work.retries + 1 }], repeats: true };
}

function cut(work: Work, from: number, to?: number): Work {
  return { records: work.records.slice(from, to), retries: 0, invocations: 0 };
}
