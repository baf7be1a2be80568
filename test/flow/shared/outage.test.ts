// An hour without tables, in moved time. The consumer keeps its records and retries during each invocation, and the
// backlog drains when the outage is over, without an operator.

import { expect } from 'vitest';
import { delivery } from '../../../domain/record/delivery.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

const minuteMs = 60_000;

it('drains without an operator, without a dead letter and without an event counted twice', async ({
  weir,
}) => {
  const { twin, reports } = weir;
  reports.length = 0;
  const api = createApi(twin.url, (await createAccountOn(twin, 'outage-of-an-hour', 'standard')).api_key);
  const outage = twin.faults.inject({
    on: { caller: 'consume', service: 'dynamodb' },
    do: { kind: 'error' },
    when: { for_ms: 60 * minuteMs },
  });
  const endMs = twin.clock.now() + 60 * minuteMs;
  const mapping = async () => Object.values((await twin.state()).mappings)[0];
  const receipts: string[] = [];
  const accept = async () => {
    const events = Array.from({ length: 20 }, (_, index) => ({
      event_id: `${receipts.length}-${index}`,
      type: 'outage',
    }));
    const { status, json } = await api.post('/v1/events', events);
    expect(status).toBe(202);
    receipts.push(json.receipt);
  };

  const before = await mapping();
  let deliveries = before?.deliveries ?? 0;
  await accept();
  while (twin.clock.now() < endMs) {
    // The first call of an invocation has failed: it is holding on.
    const metBefore = outage.met();
    await eventually(
      async () => ({ met: outage.met(), mapping: await mapping() }),
      ({ met, mapping: state }) => met > metBefore || state?.deliveries !== deliveries,
    );
    // To a minute before its timeout, when it reports what is left.
    const holdMs = (delivery.consumeTimeoutSeconds - delivery.retryReserveSeconds) * 1000;
    twin.clock.moveBy(Math.min(holdMs, Math.max(endMs - twin.clock.now(), 0)) + 1000);
    const state = await eventually(mapping, (seen) => (seen?.deliveries ?? 0) > deliveries);
    deliveries = state?.deliveries ?? 0;
    await accept();
  }

  for (const receipt of receipts) {
    const { json } = await eventually(
      () => api.get(receipt),
      ({ json: { status } }) => status === 'stored',
      60_000,
    );
    expect(json).toMatchObject({ accepted: 20, stored: 20, duplicates: 0, conflicts: 0 });
  }
  const { json } = await api.get('/v1/accounts/outage-of-an-hour/summary?window=24h');
  expect(json).toMatchObject({ total: 20 * receipts.length, duplicates: 0 });
  // Four times it kept the records for a whole invocation and then reported them: fewer attempts than there are.
  const after = await mapping();
  expect(after?.discarded_records).toBe(before?.discarded_records);
  const failures = (after?.failures ?? 0) - (before?.failures ?? 0);
  expect(failures).toBeGreaterThanOrEqual(4);
  expect(failures).toBeLessThanOrEqual(delivery.retryAttempts);
  // The console says when it began and when it was over, and nothing for each call.
  const told = reports.filter((line) => line.startsWith('dynamodb '));
  expect(told.length).toBeLessThanOrEqual(2 * failures);
  // An outage of another test may not be over yet.
  expect(told[0]).toMatch(
    /^dynamodb fails for (authorize, )?consume by an injected fault: InternalServerError$/,
  );
}, 120_000);
