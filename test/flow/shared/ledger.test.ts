// The ledger begins at the door: what the streams acknowledged is compared with what became of it.

import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { workTimeouts } from '../../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../../adapters/aws/dynamodb-client.ts';
import { connectOperator } from '../../../cli/operator.ts';
import { runCli } from '../../../cli/run.ts';
import { countKey, positionOf, positionSortKey } from '../../../domain/keys.ts';
import { receivedAtOfBatchId } from '../../../domain/record/batch-id.ts';
import { recordId } from '../../../domain/record/record-id.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import type { Reconciliation } from '../../../lambdas/report/report.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { operatorConnection, tableNameOf } from '../../storm/tables.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

it.afterEach(({ weir }) => weir.twin.faults.clear());

async function startSender(twin: RunningWeir, account: string) {
  const { api_key } = await createAccountOn(twin, account, 'standard');
  const api = createApi(twin.url, api_key);
  const send = async (ids: readonly string[]) => {
    const events = ids.map((event_id) => ({ type: 'order', event_id }));
    const { json } = await eventually(
      () => api.post('/v1/events', events),
      ({ status }) => status === 202,
    );
    return { batchId: json.batch_id as string, receipt: json.receipt as string };
  };
  const stored = (receipt: string) =>
    eventually(
      () => api.get(receipt),
      ({ json }) => json.status === 'stored',
    );
  /** By the clock of the twin, which may be ahead. */
  const verify = async () => {
    let [out, err] = ['', ''];
    const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
    const from = new Date(twin.clock.now() - 45 * minuteMs).toISOString();
    const code = await runCli(
      ['ledger', 'verify', '--from', from, '--account', account, '--json', '--endpoint', twin.proxyUrl],
      streams,
      async (options) => ({ ...(await connectOperator(options)), clock: twin.clock }),
    );
    expect(code, err).not.toBe(2);
    return { code, found: JSON.parse(out) };
  };
  /** Until tally has written down so many records of the account. */
  const verified = (records: number) => eventually(verify, ({ found }) => found.tallied.records >= records);
  return { send, stored, verify, verified };
}

const report = (twin: RunningWeir) => twin.invoke('report', {}) as Promise<Reconciliation>;

it('a record that is acknowledged and not consumed is in flight, then missing, until it is stored', async ({
  weir: { twin },
}) => {
  const { send, stored, verify, verified } = await startSender(twin, 'never-consumed');
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const { batchId, receipt } = await send(['a', 'b', 'c']);
  const record = recordId(batchId, 0);

  expect(await verified(1)).toMatchObject({
    code: 0,
    found: { balanced: true, in_flight: { records: 1, events: 3 } },
  });
  expect((await report(twin)).inFlight).toBeGreaterThanOrEqual(1);

  twin.clock.moveBy(16 * minuteMs);
  const { missing } = await report(twin);
  expect(missing).toBeGreaterThanOrEqual(3);
  expect(await verify()).toMatchObject({
    code: 1,
    found: { missing: [{ account_id: 'never-consumed', record, events: 3 }] },
  });

  hold.remove();
  await stored(receipt);
  expect(await verify()).toMatchObject({ code: 0, found: { missing: [], outcomes: { stored: 3 } } });
  expect((await report(twin)).missing).toBeLessThanOrEqual(missing - 3);
});

it('a receipt that was deleted by hand is found, and its record is named', async ({ weir: { twin } }) => {
  const { send, stored, verify, verified } = await startSender(twin, 'deleted-receipt');
  const { receipt } = await send(['kept']);
  const lost = await send(['lost-1', 'lost-2']);
  for (const each of [receipt, lost.receipt]) await stored(each);
  expect(await verified(2)).toMatchObject({ code: 0, found: { outcomes: { stored: 3 }, untallied: [] } });

  const record = recordId(lost.batchId, 0);
  const lane = {
    tenant: { account: 'deleted-receipt', environment: 'production', generation: 0 },
    ...{ slot: 0, late: false },
  };
  const client = createDocumentClient(workTimeouts, operatorConnection(twin));
  const position = positionOf(receivedAtOfBatchId(lost.batchId) ?? 0, record);
  await client.send(
    new DeleteCommand({
      TableName: tableNameOf(twin, 'Aggregates'),
      Key: { pk: countKey(lane), sk: positionSortKey(position) },
    }),
  );
  client.destroy();
  twin.clock.moveBy(16 * minuteMs);

  expect(await verify()).toMatchObject({
    code: 1,
    found: { balanced: false, missing: [{ record, events: 2 }], outcomes: { stored: 1 } },
  });
});

it('a record that the stream holds twice, and a batch that is delivered twice, count once', async ({
  weir: { twin },
}) => {
  const { send, stored, verified, verify } = await startSender(twin, 'tallied-twice');
  twin.faults.inject({
    on: { caller: 'ingest', operation: 'PutRecords' },
    do: { kind: 'drop_answer' },
    when: { times: 1 },
  });
  twin.faults.inject({ on: { caller: 'tally' }, do: { kind: 'deliver_twice', together: true } });
  const { receipt } = await send(['a', 'b']);
  await stored(receipt);
  await verified(1);
  twin.clock.moveBy(16 * minuteMs);

  expect(await verify()).toMatchObject({
    code: 0,
    found: { balanced: true, tallied: { records: 1, events: 2 }, outcomes: { stored: 2 } },
  });
});

it('an outage of the ledger holds the tally, and it takes everything up again', async ({
  weir: { twin },
}) => {
  const { send, stored, verify, verified } = await startSender(twin, 'tally-outage');
  const outage = twin.faults.inject({
    on: { caller: 'tally', service: 'dynamodb' },
    do: { kind: 'error' },
    when: { times: 8 },
  });
  const { receipt } = await send(['a']);
  await stored(receipt);
  await eventually(
    async () => outage.met(),
    (met) => met > 0,
  );

  expect(await verified(1)).toMatchObject({ code: 0 });
  expect(await verify()).toMatchObject({ found: { outcomes: { stored: 1 }, missing: [] } });
}, 60_000);
