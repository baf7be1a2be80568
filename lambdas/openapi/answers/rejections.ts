import * as z from 'zod';
import type { KeptAnswer, RejectionsAnswer } from '../../../domain/rejections/rejections-answer.ts';
import { account_id, count, environment, time } from './common.ts';

const why = {
  code: z.string().describe('as in the answer to the batch'),
  field: z.optional(z.string()).describe('absent if the rejection is of no field'),
};
const sender = {
  key_id: z.string().describe('the key that sent it'),
  client: z.string().describe('how the client names itself in its `user-agent`'),
};

export const rejectionList = z
  .strictObject({
    account_id,
    environment,
    from: time,
    to: time,
    complete: z
      .boolean()
      .describe('`false` if the hours hold more than one answer reads: then `from` is later'),
    total: count.describe('of all groups, listed or not'),
    daily_from: time.describe('the day that `daily` begins with'),
    rejections: z
      .array(
        z.strictObject({
          ...why,
          ...sender,
          count,
          first_seen: time,
          last_seen: time,
          daily: z.array(count).describe('by day of UTC'),
        }),
      )
      .describe('greatest first. `(other)` stands for names past a cap'),
    samples: z
      .array(
        z.strictObject({
          ...why,
          message: z.string(),
          event: z
            .optional(z.unknown())
            .describe('a part of the event, without what looks personal or secret'),
          seen_at: time,
        }),
      )
      .describe('the last one of each code and field that is listed'),
  })
  .meta({
    id: 'RejectionList',
    description: 'What was rejected, and why.',
  }) satisfies z.ZodType<RejectionsAnswer>;

export const keptEvents = z
  .strictObject({
    account_id,
    environment,
    requests: z
      .array(
        z.strictObject({
          request_id: z.string(),
          received_at: time.describe('the time of an event that had no `timestamp`'),
          expires_at: time,
          ...sender,
          left_out: count.describe('how many events of the request are not kept'),
          events: z.array(
            z.strictObject({
              ...why,
              message: z.string(),
              event: z.unknown().describe('as it was sent, but for what must not be kept'),
            }),
          ),
        }),
      )
      .describe('newest first'),
    next_cursor: z.optional(z.string()).describe('for the requests before. Absent at the end'),
  })
  .meta({
    id: 'KeptEvents',
    description: 'Rejected events, if the account keeps them.',
  }) satisfies z.ZodType<KeptAnswer>;
