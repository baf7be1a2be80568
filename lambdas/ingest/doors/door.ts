// A way in: how clients of one kind write events, and how they are answered. What is behind it is the same for all.

import type { RejectedEvent } from '../../../domain/event/batch.ts';
import type { BatchOutcome, RefusedBatch } from '../../../domain/event/batch-outcome.ts';
import { answerProblem, type Headers, type HttpAnswer, type HttpRequest } from '../../edge/http.ts';
import type { Body, BodyRules } from './body.ts';

export type Door = BodyRules & {
  /** Its clients take no note of ids that were made, so that none is kept for a retry. */
  readonly tellsNoIds?: true;
  /** Events as clients of POST /v1/events write them, one for each that was sent, in order. Throws ProblemError. */
  readonly parse: (body: Body, request: HttpRequest) => readonly unknown[];
  /** What else of a request says what it means. An Idempotency-Key names it together with the body. */
  readonly contentOutsideBody?: (request: HttpRequest) => string;
  /** Names a request whose client sent no Idempotency-Key, so that a retry is known as one. */
  readonly idempotencyKey?: (body: Body) => string;
  readonly answer: (request: HttpRequest, outcome: AnsweredBatch, headers: Headers) => HttpAnswer;
};

/** `hidesReceipt`: the caller may not read receipts. */
export type AnsweredBatch = BatchOutcome & { readonly hidesReceipt: boolean };

export const receiptOf = (batchId: string): string => `/v1/batches/${batchId}`;

/** For clients that do not read the body of an answer. */
export function receiptHeaders({ verdict, rejected, hidesReceipt }: AnsweredBatch): Headers {
  if ('refusal' in verdict) return {};
  return {
    ...(!hidesReceipt && { 'x-weir-receipt': receiptOf(verdict.batchId) }),
    'x-weir-accepted': String(verdict.accepted),
    'x-weir-rejected': String(rejected.length),
  };
}

/** Of a batch that was refused as a whole. */
export function answerRefusal(
  request: HttpRequest,
  { refusal }: RefusedBatch,
  rejected: readonly RejectedEvent[],
  headers: Headers,
): HttpAnswer {
  const empty = rejected.length === 0 && { detail: 'There is no event in the batch.' };
  return answerProblem(request, refusal, { ...empty, rejected }, headers);
}
