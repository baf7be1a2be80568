// A way in: how clients of one kind write events, and how they are answered. What is behind it is the same for all.

import type { BatchOutcome } from '../../../domain/event/batch-outcome.ts';
import type { Headers, HttpAnswer, HttpRequest } from '../../edge/http.ts';
import type { Body } from '../body.ts';

export type Door = {
  /** In lower case and without parameters. The first is that of a request that names none. */
  readonly contentTypes: readonly [string, ...string[]];
  /** Told with a 415. Absent: that of the problem. */
  readonly contentTypeDetail?: string;
  readonly mostEvents: number;
  /** Events as clients of POST /v1/events write them, one for each that was sent, in order. Throws ProblemError. */
  readonly parse: (body: Body, request: HttpRequest) => readonly unknown[];
  /** What else of a request says what it means. An Idempotency-Key names it together with the body. */
  readonly contentOutsideBody?: (request: HttpRequest) => string;
  /** Names a request whose client sent no Idempotency-Key, so that a retry is known as one. */
  readonly idempotencyKey?: (body: Body) => string;
  readonly answer: (request: HttpRequest, outcome: BatchOutcome, headers: Headers) => HttpAnswer;
};

export const receiptOf = (batchId: string): string => `/v1/batches/${batchId}`;
