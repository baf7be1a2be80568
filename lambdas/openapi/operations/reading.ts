import { groupings, intervals } from '../../../domain/reading/points.ts';
import { mostDays, windows } from '../../../domain/reading/summary.ts';
import { batchReceipt, series, summary, usage } from '../answers/reading.ts';
import { limitHeaderNames, type ResponseHeader } from '../headers.ts';
import { json, type Operations } from '../operation.ts';
import { accountInPath, format, fromTo } from '../parameters.ts';

/** Limits only where it was read anew. */
const cached: readonly ResponseHeader[] = ['etag', 'cache-control', 'x-weir-age', ...limitHeaderNames];
const notModified = { description: 'It is what `if-none-match` names.', headers: cached };
const ofTenant = { account_id: 'demo', environment: 'production' };
const batch_id = 'AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd';
const day = '2026-11-30T00:00:00.000Z';
const tomorrow = '2026-12-01T00:00:00.000Z';
const now = '2026-11-30T10:44:00.000Z';

export const readingOperations: Operations<
  | 'GET /v1/batches/{batch_id}'
  | 'GET /v1/accounts/{account_id}/summary'
  | 'GET /v1/accounts/{account_id}/series'
  | 'GET /v1/usage'
> = {
  'GET /v1/batches/{batch_id}': {
    tag: 'reading',
    id: 'readReceipt',
    summary: 'What became of a batch',
    description: 'The receipt of a batch, for as long as its events are kept.',
    path: {
      batch_id: {
        description: 'The `batch_id` of the answer to the batch.',
        schema: { type: 'string' },
        example: batch_id,
      },
    },
    query: {},
    answers: {
      200: {
        description: 'The receipt.',
        json: json(batchReceipt, {
          batch_id,
          status: 'stored',
          received_at: now,
          stored_at: '2026-11-30T10:44:01.250Z',
          freshness_ms: 1250,
          accepted: 2,
          stored: 2,
          duplicates: 0,
          conflicts: 0,
          quarantined: 0,
        }),
      },
    },
    problems: ['invalid_parameter', 'unknown_batch'],
  },
  'GET /v1/accounts/{account_id}/summary': {
    tag: 'reading',
    id: 'readSummary',
    summary: 'Totals of a window',
    description: `Counts and sums of whole hours, ${mostDays} days at most: by type, by service, and of users.`,
    path: { account_id: accountInPath },
    query: {
      window: {
        description: 'The time until now, in whole hours. Not together with `from`.',
        schema: { type: 'string', enum: Object.keys(windows), default: '24h' },
        example: '24h',
      },
      ...fromTo,
      format,
    },
    headers: ['cache-control', 'if-none-match'],
    answers: {
      200: {
        description: 'The summary.',
        json: json(summary, {
          ...ofTenant,
          from: day,
          to: '2026-11-30T11:00:00.000Z',
          total: 3,
          values: { count: 1, sum: '12.5', least: '12.5', greatest: '12.5' },
          by_type: [
            { type: 'order', count: 2, values: { count: 1, sum: '12.5', least: '12.5', greatest: '12.5' } },
            { type: 'page.view', count: 1 },
          ],
          by_service: [{ service: 'shop', count: 2 }],
          top_users: [{ user_id: 'ada', count: 2 }],
          top_users_exact: true,
          top_users_error: 0,
          distinct_users: 1,
          distinct_users_relative_error: 0,
          duplicates: 0,
          conflicts: 0,
          as_of: now,
        }),
        csv: 'list,name,count,values,sum,least,greatest\r\ntotal,,3,1,12.5,12.5,12.5\r\nby_type,order,2,1,12.5,12.5,12.5\r\n',
        headers: cached,
      },
      304: notModified,
    },
    problems: ['invalid_parameter', 'summary_not_ready'],
  },
  'GET /v1/accounts/{account_id}/series': {
    tag: 'reading',
    id: 'readSeries',
    summary: 'Counts and sums over time',
    description:
      'A point for each minute, hour or day, also where there was nothing. Without `from`, the last 60 minutes, 24 hours or 7 days.',
    path: { account_id: accountInPath },
    query: {
      interval: {
        description: 'What a point covers.',
        schema: { type: 'string', enum: Object.keys(intervals) },
        example: 'hour',
        required: true,
      },
      group_by: {
        description: 'Counts by it, too. Not of minutes, nor of days that begin within an hour of UTC.',
        schema: { type: 'string', enum: groupings },
        example: 'type',
      },
      ...fromTo,
      tz: {
        description:
          'The time zone of days, such as `Europe/Berlin`: one whose offset is a multiple of 15 minutes. Absent: UTC.',
        schema: { type: 'string' },
        example: 'UTC',
      },
      format,
    },
    headers: ['cache-control', 'if-none-match'],
    answers: {
      200: {
        description: 'The series.',
        json: json(series, {
          ...ofTenant,
          interval: 'hour',
          tz: 'UTC',
          group_by: 'type',
          from: '2026-11-30T09:00:00.000Z',
          to: '2026-11-30T11:00:00.000Z',
          total: 3,
          sum: '12.5',
          points: [
            { from: '2026-11-30T09:00:00.000Z', count: 1, sum: '0' },
            { from: '2026-11-30T10:00:00.000Z', count: 2, sum: '12.5' },
          ],
          groups: [
            { type: 'order', count: 2, sum: '12.5', counts: [0, 2], sums: ['0', '12.5'] },
            { type: 'page.view', count: 1, sum: '0', counts: [1, 0], sums: ['0', '0'] },
          ],
          as_of: now,
        }),
        csv: 'from,count,sum\r\n2026-11-30T09:00:00.000Z,1,0\r\n2026-11-30T10:00:00.000Z,2,12.5\r\n',
        headers: cached,
      },
      304: notModified,
    },
    problems: ['invalid_parameter', 'summary_not_ready'],
  },
  'GET /v1/usage': {
    tag: 'reading',
    id: 'readUsage',
    summary: 'Limits and what is used of them',
    description: 'The limits of the account in the environment of the caller, and how its periods would end.',
    path: {},
    query: {},
    answers: {
      200: {
        description: 'What is used.',
        json: json(usage, {
          ...ofTenant,
          tier: 'standard',
          as_of: now,
          requests_per_second: { limit: 50 },
          events_per_minute: { limit: 60_000, left: 58_000, full_at: now, mode: 'enforce' },
          events_per_day: {
            limit: 5_000_000,
            used: 1_000_000,
            left: 4_000_000,
            share: 0.2,
            over: 0,
            resets_at: tomorrow,
            projected: 2_000_000,
            mode: 'observe',
          },
          events_per_month: {
            limit: 150_000_000,
            used: 1_000_000,
            left: 149_000_000,
            share: 0.0067,
            over: 0,
            resets_at: tomorrow,
            projected: 1_463_415,
            mode: 'observe',
          },
          summary_reads_per_minute: { limit: 60, left: 60, full_at: now, mode: 'enforce' },
        }),
      },
    },
    problems: ['invalid_parameter'],
  },
};
