import { expect, it } from 'vitest';
import { dayMs } from '../../../../domain/system/time.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

it('shows what would be stored and what rejected, and why, and stores nothing', async () => {
  const ingest = startIngest();
  const { statusCode, json } = await ingest.debug(
    [
      { event_id: 'a', type: 'login', timestamp: '2026-11-21T11:24:59.5+01:00', metadata: { total: 1.5 } },
      { event_id: 'b' },
      { type: 'late', timestamp: ingest.clock.nowMs - 2 * dayMs },
      { event_id: 'a', type: 'again' },
    ],
    { headers: { 'Idempotency-Key': 'ignored' } },
  );

  expect(statusCode).toBe(200);
  expect(json).toEqual({
    would_answer: { status: 202 },
    received_at: '2026-11-21T10:25:00.000Z',
    accepted: 2,
    rejected: [
      { index: 1, event_id: 'b', code: 'missing_field', field: 'type', message: expect.any(String) },
      { index: 3, event_id: 'a', code: 'duplicate_in_batch', field: 'event_id', message: expect.any(String) },
    ],
    assigned: [{ index: 2, event_id: json.events[1].event_id }],
    events: [
      {
        event_id: 'a',
        type: 'login',
        timestamp: '2026-11-21T10:24:59.500Z',
        metadata: { total: 1.5 },
        made: [],
      },
      {
        event_id: expect.stringMatching(/^[A-Za-z0-9_-]{48}$/),
        type: 'late',
        timestamp: '2026-11-19T10:25:00.000Z',
        made: ['event_id'],
      },
    ],
    records: [
      { events: 1, late: false, compressed_bytes: expect.any(Number) },
      { events: 1, late: true, compressed_bytes: expect.any(Number) },
    ],
  });
  expect(ingest.stream.records).toEqual([]);
  const real = await ingest.post([{ type: 't' }], { headers: { 'Idempotency-Key': 'ignored' } });
  expect(real.headers).not.toHaveProperty('idempotency-replayed');
});

it.each([
  ['nothing is valid', [{}], {}, { status: 422, code: 'no_valid_event' }],
  [
    'strict handling refuses the whole',
    [{ type: 't' }, {}],
    { prefer: 'handling=strict' },
    { status: 422, code: 'not_all_valid' },
  ],
])('shows the answer if %s', async (_, body, headers, would_answer) => {
  const { statusCode, json } = await startIngest().debug(body, { headers });

  expect(statusCode).toBe(200);
  expect(json).toMatchObject({ would_answer, records: [] });
});

it("applies the account's policy on personal data", async () => {
  const ingest = startIngest();
  ingest.policies.set('acme#p', { fields: [{ name: 'phone', action: 'redact' }], detectors: [] });
  const { json } = await ingest.debug([{ type: 't', metadata: { phone: '+49 30 1234' } }], {
    caller: { ...caller, policy: 'p' },
  });

  expect(json.events).toMatchObject([{ metadata: { phone: '[redacted]' } }]);
});

it('refuses an unreadable body as POST /v1/events does', async () => {
  expect(await startIngest().refusal('{', { resource: '/v1/events:debug' })).toBe('invalid_json');
});
