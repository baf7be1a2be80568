// Segment's tracking API, for its clients and those of RudderStack: only their host changes.

import {
  eventOfSingle,
  eventsOfBatch,
  letterOf,
  mostSegmentBytes,
  type SegmentCall,
  segmentCalls,
} from '../../../domain/doors/segment.ts';
import { maxBatchEvents } from '../../../domain/event/batch.ts';
import { answerJson, ProblemError } from '../../edge/http.ts';
import { answerRefusal, type Door, receiptHeaders } from './door.ts';
import { toAcceptedBody } from './events.ts';
import { parseDocument } from './parse.ts';

/** As they really are: RudderStack's client calls its JSON a form, and browsers call it text. */
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'] as const;

const door = {
  contentTypes,
  mostEvents: maxBatchEvents,
  mostBytes: mostSegmentBytes,
  /** Their clients look at the status alone. */
  answer: (request, outcome, headers) => {
    const { verdict } = outcome;
    if ('refusal' in verdict) return answerRefusal(request, verdict, outcome.rejected, headers);
    const body = { success: true, ...toAcceptedBody(verdict, outcome) };
    return answerJson(request, 200, body, { ...headers, ...receiptHeaders(outcome) });
  },
} satisfies Partial<Door>;

const batchDoor: Door = {
  ...door,
  parse: (body) => {
    const events = eventsOfBatch(parseDocument(body), maxBatchEvents);
    if (events) return events;
    throw new ProblemError('invalid_json', { detail: 'The body is no batch: it has no list "batch".' });
  },
};

const singleDoor = (call: SegmentCall): Door => ({
  ...door,
  parse: (body) => [eventOfSingle(parseDocument(body), call)],
});

export const segmentDoors: Readonly<Record<string, Door>> = {
  '/v1/batch': batchDoor,
  '/b': batchDoor,
  ...Object.fromEntries(
    segmentCalls.flatMap((call) => {
      const door = singleDoor(call);
      return [
        [`/v1/${call}`, door],
        [`/${letterOf(call)}`, door],
      ];
    }),
  ),
};
