// Weir's own door: a JSON array, one object, or NDJSON.

import { maxBatchEvents, type RejectedEvent } from '../../../domain/event/batch.ts';
import type { AcceptedBatch, RefusedBatch } from '../../../domain/event/batch-outcome.ts';
import {
  answerJson,
  answerProblem,
  type Headers,
  type HttpAnswer,
  type HttpRequest,
} from '../../edge/http.ts';
import { parseDocument, parseLines } from '../parse.ts';
import { type Door, receiptOf } from './door.ts';

const lineTypes: readonly string[] = ['application/x-ndjson', 'application/ndjson'];

export const eventsDoor: Door = {
  contentTypes: ['application/json', 'text/json', ...lineTypes],
  mostEvents: maxBatchEvents,
  parse: (body) => {
    if (lineTypes.includes(body.contentType)) return parseLines(body);
    const document = parseDocument(body);
    return Array.isArray(document) ? document : [document];
  },
  answer: (request, { verdict, rejected }, headers) =>
    'refusal' in verdict
      ? answerRefusal(request, verdict, rejected, headers)
      : answerJson(request, 202, toAcceptedBody(verdict, rejected), headers),
};

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

export const toAcceptedBody = (
  { batchId, accepted, assigned }: AcceptedBatch,
  rejected: readonly RejectedEvent[],
) => ({
  batch_id: batchId,
  accepted,
  rejected,
  ...(assigned.length === 0 ? {} : { assigned }),
  receipt: receiptOf(batchId),
});
