import type { Attainment } from '../../../domain/service-levels/account-attainment.ts';
import { slo } from '../answers/slo.ts';
import { limitHeaderNames } from '../headers.ts';
import { json, type Operations } from '../operation.ts';

const cached = ['etag', 'cache-control', 'x-weir-age', ...limitHeaderNames] as const;

const objectives: readonly Attainment[] = [
  {
    name: 'ingest-availability',
    target_percent: 99.9,
    total: 120_000,
    bad: 30,
    actual_percent: 99.975,
    met: true,
    budget_left_percent: 75,
  },
  {
    name: 'freshness',
    target_percent: 95,
    total: 0,
    bad: 0,
    actual_percent: null,
    met: null,
    budget_left_percent: null,
  },
];
const none = { p50_ms: null, p95_ms: null, p99_ms: null };

export const sloOperations: Operations<'GET /v1/slo'> = {
  'GET /v1/slo': {
    tag: 'reading',
    id: 'readServiceLevels',
    summary: 'What the account got of what is promised',
    description:
      'Availability, latency and freshness of the account in the environment of the caller, over 7 and 30 days and ' +
      'by day. It counts towards the limit of summary reads.',
    path: {},
    query: {},
    headers: ['cache-control', 'if-none-match'],
    answers: {
      200: {
        description: 'The service levels.',
        json: json(slo, {
          account_id: 'demo',
          environment: 'production',
          as_of: '2026-11-30T10:44:00.000Z',
          windows: [
            {
              days: 7,
              from: '2026-11-23T11:00:00.000Z',
              to: '2026-11-30T11:00:00.000Z',
              objectives: [...objectives],
              latency: { ingest: { p50_ms: 25, p95_ms: 100, p99_ms: 300 }, summary: none, search: none },
              refused_by_gateway: { throttled: 12, denied: 0 },
              failures: [{ route_group: 'ingest', outcome: 'failed', count: 30 }],
            },
          ],
          daily: [
            {
              day: '2026-11-30',
              objectives: [{ name: 'ingest-availability', total: 4000, bad: 0, actual_percent: 100 }],
            },
          ],
        }),
        headers: cached,
      },
      304: { description: 'It is what `if-none-match` names.', headers: cached },
    },
    problems: ['invalid_parameter'],
  },
};
