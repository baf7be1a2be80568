import * as z from 'zod';
import { accountObjectives } from '../../../domain/service-levels/account-attainment.ts';
import { outcomes, routeGroups } from '../../../domain/service-levels/account-levels.ts';
import type { SloAnswer } from '../../../domain/service-levels/account-slo.ts';
import { account_id, count, environment, time } from './common.ts';

const name = z.enum(accountObjectives);
const actual_percent = z.nullable(z.number()).describe('the share that was good. Null without data');
const ofGroup = z
  .strictObject({
    p50_ms: z.nullable(z.number()),
    p95_ms: z.nullable(z.number()),
    p99_ms: z.nullable(z.number()),
  })
  .meta({
    id: 'Percentiles',
    description: 'Of what functions answered, each at most so many milliseconds. Null without data.',
  });

export const slo = z
  .strictObject({
    account_id,
    environment,
    as_of: time.describe('requests of the last minutes may be missing'),
    windows: z.array(
      z.strictObject({
        days: z.number(),
        from: time,
        to: time,
        objectives: z.array(
          z.strictObject({
            name,
            target_percent: z.number(),
            total: count.describe('requests, or records of the stream'),
            bad: count,
            actual_percent,
            met: z.nullable(z.boolean()),
            budget_left_percent: z
              .nullable(z.number())
              .describe('of what may be bad. Below 0 if more was. Null without data'),
          }),
        ),
        latency: z.strictObject({ ingest: ofGroup, summary: ofGroup, search: ofGroup }),
        refused_by_gateway: z.strictObject({
          throttled: count.describe('over the rate of requests'),
          denied: count.describe('without the scope, the role or the account'),
        }),
        failures: z
          .array(z.strictObject({ route_group: z.enum(routeGroups), outcome: z.enum(outcomes), count }))
          .describe('the most frequent first'),
      }),
    ),
    daily: z
      .array(
        z.strictObject({
          day: z.string(),
          objectives: z.array(z.strictObject({ name, total: count, bad: count, actual_percent })),
        }),
      )
      .describe('of UTC, the oldest first; today is the last'),
  })
  .meta({
    id: 'ServiceLevels',
    description: 'What the account got of what is promised.',
  }) satisfies z.ZodType<SloAnswer>;
