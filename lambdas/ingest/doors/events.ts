// Weir's own door: a JSON array, one object, or NDJSON.

import { maxBatchEvents, type RejectedEvent } from '../../../domain/event/batch.ts';
import type { AcceptedBatch } from '../../../domain/event/batch-outcome.ts';
import { answerJson } from '../../edge/http.ts';
import { answerRefusal, type Door, receiptOf } from './door.ts';
import { parseDocument, parseLines } from './parse.ts';

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
