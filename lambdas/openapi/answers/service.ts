import * as z from 'zod';
import type { Health } from '../../manage/health.ts';
import { count, time } from './common.ts';

export const liveness = z
  .strictObject({ status: z.literal('alive'), dependencies: z.literal('not_checked') })
  .meta({ id: 'Liveness', description: 'The gateway and one function answer. Nothing else is checked.' });

export const openApi = z
  .looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })
  .meta({ id: 'OpenApi', description: 'A document of OpenAPI 3.1.' });

const state = z
  .enum(['ok', 'slow', 'failed'])
  .describe('`slow`: it took more than 200 ms. `failed`: an error, or no answer within 2 s');

export const health = z
  .strictObject({
    status: state.describe('the worst of the dependencies'),
    as_of: time,
    dependencies: z.array(z.strictObject({ name: z.string(), status: state, ms: count })),
    consumer_lag_ms: z.nullable(count).describe('of the stream that is furthest behind. Null if unknown'),
    report_age_ms: z.nullable(count).describe('since the last run of report. Null if unknown'),
  })
  .meta({
    id: 'Health',
    description: 'Whether what the platform depends on answers.',
  }) satisfies z.ZodType<Health>;
