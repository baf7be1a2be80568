import * as z from 'zod';
import { limitsModes } from '../../../domain/accounts/limit-modes.ts';
import { tierNames } from '../../../domain/accounts/tiers.ts';
import { quotaModes } from '../../../domain/limits/quota.ts';
import type { Usage } from '../../../domain/limits/usage.ts';
import { quarantineReasons } from '../../../domain/quarantine/quarantine.ts';
import type { QuarantineOfAccount } from '../../../domain/quarantine/quarantine-list.ts';
import type { BatchReceipt } from '../../../domain/reading/batch-receipt.ts';
import { groupings, type Interval, intervals } from '../../../domain/reading/points.ts';
import type { Series } from '../../../domain/reading/series.ts';
import type { Summary } from '../../../domain/reading/summary.ts';
import type { RecordId } from '../../../domain/record/record-id.ts';
import { account_id, batch_id, count, environment, receipt, time } from './common.ts';

export const batchReceipt = z
  .strictObject({
    batch_id,
    status: z
      .enum(['pending', 'stored', 'quarantined'])
      .describe('`stored`: every event is stored, a duplicate or a conflict'),
    received_at: time,
    stored_at: z.optional(time).describe('only if the batch is stored'),
    freshness_ms: z.optional(count).describe('from its receipt until it was stored'),
    accepted: count,
    stored: count,
    duplicates: count.describe('of events that were accepted before with the same content'),
    conflicts: count.describe('of ids that were accepted before with other content, which stays'),
    quarantined: count,
  })
  .meta({ id: 'Receipt', description: 'What became of a batch.' }) satisfies z.ZodType<BatchReceipt>;

const values = z.strictObject({ count, sum: z.string(), least: z.string(), greatest: z.string() }).meta({
  id: 'Values',
  description: 'Of the events that carry a value. Decimal numbers in texts, because sums are exact.',
});
const counted = { count, values: z.optional(values) };

export const summary = z
  .strictObject({
    account_id,
    environment,
    from: time.describe('what was counted begins here, in whole hours'),
    to: time.describe('and ends here'),
    total: count,
    values: z.optional(values),
    by_type: z
      .array(z.strictObject({ type: z.string(), ...counted }))
      .describe('greatest first, 1,000 at most'),
    by_service: z.array(z.strictObject({ service: z.string(), ...counted })),
    top_users: z
      .array(z.strictObject({ user_id: z.string(), count }))
      .describe('greatest first, 100 at most'),
    top_users_exact: z.boolean(),
    top_users_error: count.describe('the true count of a user is at most so much greater'),
    distinct_users: count,
    distinct_users_relative_error: z.number().describe('one standard deviation, as a share. 0 if counted'),
    duplicates: count.describe('of the events received in the window'),
    conflicts: count.describe('of the events received in the window'),
    as_of: time.describe('up to when it is complete'),
  })
  .meta({ id: 'Summary', description: 'The totals of a window.' }) satisfies z.ZodType<Summary>;

const sum = z
  .optional(z.string())
  .describe('of the values of events, exactly. Absent if no event carries one');
const intervalNames = Object.keys(intervals) as [Interval, ...Interval[]];

export const series = z
  .strictObject({
    account_id,
    environment,
    interval: z.enum(intervalNames),
    tz: z.string().describe('the time zone of days'),
    group_by: z.optional(z.enum(groupings)),
    from: time,
    to: time.describe('where the last point ends'),
    total: count,
    sum,
    points: z
      .array(z.strictObject({ from: time, count, sum }))
      .describe('one for each interval, also where nothing was'),
    groups: z
      .optional(
        z.array(
          z.strictObject({
            type: z.optional(z.string()),
            service: z.optional(z.string()),
            count,
            sum,
            counts: z.array(count).describe('in the order of the points'),
            sums: z.optional(z.array(z.string())).describe('in the order of the points'),
          }),
        ),
      )
      .describe('the 20 greatest, then `(other)` and `(none)`'),
    as_of: time.describe('up to when it is complete'),
  })
  .meta({ id: 'Series', description: 'Counts over time.' }) satisfies z.ZodType<Series>;

const rate = z
  .strictObject({ limit: count, left: count, full_at: time, mode: z.enum(limitsModes) })
  .meta({ id: 'RateUse', description: 'What can be used at once, and when that is a whole minute again.' });
const quota = z
  .strictObject({
    limit: count,
    used: count,
    left: count,
    share: z.number().describe('of the limit'),
    over: count.describe('events beyond a limit: refused, or accepted because nothing is refused'),
    resets_at: time,
    projected: count.describe('what would be used by then if it went on so'),
    mode: z.enum(quotaModes),
  })
  .meta({ id: 'QuotaUse', description: 'What is used of a day or a month, in UTC.' });

export const usage = z
  .strictObject({
    account_id,
    environment,
    tier: z.enum(tierNames),
    as_of: time,
    requests_per_second: z.strictObject({ limit: count }),
    events_per_minute: rate,
    events_per_day: quota,
    events_per_month: quota,
    summary_reads_per_minute: rate,
  })
  .meta({
    id: 'Usage',
    description: 'The limits of the account, and what is used of them.',
  }) satisfies z.ZodType<Usage>;

const reason = z.enum(quarantineReasons);

export const quarantineList = z
  .strictObject({
    records: count,
    events: count,
    by_reason: z.array(z.strictObject({ reason, records: count, events: count })).describe('greatest first'),
    quarantine: z
      .array(
        z.strictObject({
          record: (z.string() as unknown as z.ZodType<RecordId>).describe('as replay and discard take it'),
          batch_id,
          part: count,
          reason,
          events: count,
          received_at: time,
          quarantined_at: time,
          request_id: z.string().describe('of the request that sent it'),
          receipt,
        }),
      )
      .describe('the 100 that were received last, newest first'),
    complete: z.boolean().describe('`false` beyond 1,000 records: the figures cover the newest'),
  })
  .meta({
    id: 'QuarantineList',
    description: 'The records of the account that could not be stored yet.',
  }) satisfies z.ZodType<QuarantineOfAccount>;
