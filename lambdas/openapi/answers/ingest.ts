import * as z from 'zod';
import type { AssignedId, RejectedEvent } from '../../../domain/event/batch.ts';
import { rejectionCodes } from '../../../domain/event/event.ts';
import { batch_id, count, receipt, time } from './common.ts';
import { triedEvent } from './events.ts';

const index = count.describe('the position of the event in the request, from 0');

export const rejectedEvent = z
  .strictObject({
    index,
    event_id: z.optional(z.string()),
    code: z.enum(rejectionCodes),
    field: z.optional(z.string()).describe('the field that is wrong'),
    message: z.string(),
  })
  .meta({
    id: 'RejectedEvent',
    description: 'An event that was not accepted, with its first fault.',
  }) satisfies z.ZodType<RejectedEvent>;

const assignedId = z.strictObject({ index, event_id: z.string() }) satisfies z.ZodType<AssignedId>;

const decided = {
  accepted: count.describe('how many events were accepted'),
  rejected: z.array(rejectedEvent).describe('the others. They are not stored'),
  assigned: z.optional(z.array(assignedId)).describe('the ids that the server made. Absent if it made none'),
};

export const acceptedBatch = z
  .strictObject({
    batch_id,
    ...decided,
    receipt: z.optional(receipt).describe('the path of the receipt. Absent for a public key'),
  })
  .meta({ id: 'AcceptedBatch', description: 'Every accepted event is durable.' });

export const debuggedBatch = z
  .strictObject({
    would_answer: z.strictObject({
      status: z.union([z.literal(202), z.literal(422)]),
      code: z.optional(z.enum(['no_valid_event', 'not_all_valid'])),
    }),
    received_at: time,
    ...decided,
    events: z.array(triedEvent).describe('the accepted events, as they would be stored'),
    records: z
      .array(z.strictObject({ events: count, late: z.boolean(), compressed_bytes: count }))
      .describe('the records that would go on the stream'),
  })
  .meta({ id: 'DebuggedBatch', description: 'What would become of a batch. Nothing is stored.' });
