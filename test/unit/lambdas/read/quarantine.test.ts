// GET /v1/quarantine, as its function answers it.

import { expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { allows, findRoute } from '../../../../domain/api/routes.ts';
import type { QuarantineEntry } from '../../../../domain/quarantine/quarantine.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { readQuarantine } from '../../../../lambdas/read/quarantine.ts';
import { TestClock } from '../../../support/clock.ts';
import { fresh, nowMs } from '../../../support/events.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

const request = (query: Record<string, string> = {}) =>
  httpRequest({ method: 'GET', resource: '/v1/quarantine', query });
const quarantined = (lanes: MemoryLanes, batchId: string, receivedAtMs: number, tenant = caller.tenant) => {
  const outcome: RecordOutcome = {
    header: {
      ...{ tenant, batchId, part: 0, parts: 1, slot: 0, layout: 1, events: 3, receivedAtMs },
      ...{ kind: 'events', late: false },
      ...{ retentionDays: 30, region: 'r', requestId: 'r' },
    },
    ...{ ...fresh([]), duplicates: 0, conflicts: 0, bytes: 100 },
    quarantined: { reason: 'failed', cause: 'SecretError' },
  };
  return lanes.commit({ changes: [changeOf(outcome, nowMs)], documents: [], marks: [] });
};

it('lists the records of the account and environment, the newest first', async () => {
  const lanes = new MemoryLanes();
  await quarantined(lanes, 'older', nowMs - 2000);
  await quarantined(lanes, 'newer', nowMs - 1000);
  await quarantined(lanes, 'foreign', nowMs, { account: 'other', environment: 'production', generation: 0 });
  await quarantined(lanes, 'staged', nowMs, { account: 'acme', environment: 'staging', generation: 0 });

  const shown = await readQuarantine(
    { quarantine: lanes.quarantine, clock: new TestClock(nowMs) },
    request(),
  );

  expect(shown).toMatchObject({ records: 2, events: 6, complete: true });
  expect(shown.quarantine.map(({ batch_id }) => batch_id)).toEqual(['newer', 'older']);
  expect(JSON.stringify(shown)).not.toContain('SecretError');
});

it('reads a bounded number of entries, and is not complete if there are more', async () => {
  const entry = (index: number): QuarantineEntry => ({
    ...{
      lane: { tenant: caller.tenant, slot: 0, late: false },
      record: `b${index}.0`,
      batchId: 'b',
      reason: 'outage',
      requestId: 'r',
      events: 2,
    },
    ...{ receivedAtMs: nowMs - index, quarantinedAtMs: nowMs, expiresAtMs: nowMs + dayMs },
    ...{ attempts: 0, leaseUntilMs: 0 },
  });
  let read = 0;
  const listOf = (count: number) => ({
    newest: async function* () {
      for (let index = 0; index < count; index += 1) {
        read += 1;
        yield entry(index);
      }
    },
  });
  const readOf = (count: number) =>
    readQuarantine({ quarantine: listOf(count), clock: new TestClock(nowMs) }, request());

  expect(await readOf(1000)).toMatchObject({ records: 1000, complete: true });
  read = 0;
  const shown = await readOf(20_000);
  expect(shown).toMatchObject({ records: 1000, events: 2000, complete: false });
  expect(shown.quarantine.map(({ batch_id }) => batch_id)).toHaveLength(100);
  expect(read).toBe(1001);
});

it('takes no parameters', async () => {
  const { quarantine } = new MemoryLanes();
  const shown = readQuarantine({ quarantine, clock: new TestClock(nowMs) }, request({ reason: 'failed' }));

  await expect(shown).rejects.toMatchObject({ code: 'invalid_parameter', extra: { parameter: 'reason' } });
});

it('needs a key with the scope read', () => {
  const route = findRoute('GET', '/v1/quarantine');

  expect(route && allows(route, ['read'])).toBe(true);
  expect(route && allows(route, ['ingest'])).toBe(false);
});
