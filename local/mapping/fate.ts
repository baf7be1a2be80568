// What becomes of records after a try, as Lambda documents it. Pure: a lane asks, and does what it is told.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html

import type { StreamRecord } from './kinesis-event.ts';

/** Records that are tried together, and how often they were. */
export type Work = {
  readonly records: readonly StreamRecord[];
  /** Those of the tries so far that count against the quota. */
  readonly retries: number;
  readonly invocations: number;
};

export type Outcome =
  | { readonly kind: 'succeeded' }
  /** Lambda could not call the function: no fault of the records, and never their end. */
  | { readonly kind: 'not-invoked'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Reported by the function: everything before this record succeeded. */
  | { readonly kind: 'partly-failed'; readonly firstFailed: number; readonly reason: string };

export type RetryPolicy = { readonly bisects: boolean; readonly maxRetries: number };

export type Fate = {
  /** From the front: done with. */
  readonly doneCount: number;
  /** What is tried next, in this order. */
  readonly work: readonly Work[];
  /** What is given up, with the tries that it had. */
  readonly discarded?: Work;
  /** Whether the next try is a repetition, which waits. */
  readonly repeats: boolean;
};

export function fateOf(work: Work, outcome: Outcome, policy: RetryPolicy): Fate {
  const { records } = work;
  switch (outcome.kind) {
    case 'succeeded':
      return { doneCount: records.length, work: [], repeats: false };
    case 'not-invoked':
      return { doneCount: 0, work: [work], repeats: true };
    case 'failed':
      return policy.bisects && records.length > 1 ? bisected(work) : retried(work, 0, policy);
    case 'partly-failed':
      // Bisected where the function says, which uses up no retry; from the first record on there is nothing to cut.
      return policy.bisects && outcome.firstFailed > 0
        ? { doneCount: outcome.firstFailed, work: [rest(work, outcome.firstFailed)], repeats: true }
        : retried(work, outcome.firstFailed, policy);
  }
}

function bisected(work: Work): Fate {
  const middle = Math.ceil(work.records.length / 2);
  const invocations = work.invocations + 1;
  const halves = [work.records.slice(0, middle), work.records.slice(middle)];
  return {
    doneCount: 0,
    work: halves.map((records) => ({ ...work, records, invocations })),
    repeats: false,
  };
}

function retried(work: Work, doneCount: number, { maxRetries }: RetryPolicy): Fate {
  const left = rest(work, doneCount);
  return work.retries >= maxRetries
    ? { doneCount, work: [], discarded: left, repeats: false }
    : { doneCount, work: [{ ...left, retries: work.retries + 1 }], repeats: true };
}

function rest(work: Work, doneCount: number): Work {
  return { ...work, records: work.records.slice(doneCount), invocations: work.invocations + 1 };
}
