// Weir's own door: a JSON array, one object, or NDJSON.

import { maxBatchEvents } from '../../../domain/event/batch.ts';
import type { AcceptedBatch } from '../../../domain/event/batch-outcome.ts';
import { answerJson } from '../../edge/http.ts';
import { type AnsweredBatch, answerRefusal, type Door, receiptOf } from './door.ts';
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
  answer: (request, { verdict, ...told }, headers) =>
    'refusal' in verdict
      ? answerRefusal(request, verdict, told.rejected, headers)
      : answerJson(request, 202, toAcceptedBody(verdict, told), headers),
};

export const toAcceptedBody = (
  { batchId, accepted, assigned }: AcceptedBatch,
  { rejected, hidesReceipt }: Pick<AnsweredBatch, 'rejected' | 'hidesReceipt'>,
) => ({
  batch_id: batchId,
  accepted,
  rejected,
  ...(assigned.length === 0 ? {} : { assigned }),
  ...(!hidesReceipt && { receipt: receiptOf(batchId) }),
});
