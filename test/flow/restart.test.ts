// A twin that is stopped in an orderly way and started again on what it kept.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-restart-'));
let twin: RunningWeir | undefined;
afterEach(() => twin?.stop());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(assembly?: string) {
  const started = await startWeir({ folder, assembly, accountIds: ['acme'], report: () => undefined });
  twin = started;
  return { twin: started, api: createApi(started.url, started.accounts[0]?.api_key) };
}

it('goes on in the stream where it was: what was delivered is not again, what was not is', async () => {
  const first = await start();
  const accept = async (prefix: string) => {
    const events = Array.from({ length: 5 }, (_, index) => ({
      event_id: `${prefix}-${index}`,
      type: 'restart',
    }));
    const { status, json } = await first.api.post('/v1/events', events);
    expect(status).toBe(202);
    return json.receipt as string;
  };
  const stored = (api: typeof first.api, receipt: string) =>
    eventually(
      () => api.get(receipt),
      ({ json }) => json.status === 'stored',
    );
  const before = [await accept('a'), await accept('b')];
  for (const receipt of before) await stored(first.api, receipt);
  // Stored is seen a moment before the mapping hears that it is done.
  await eventually(
    async () =>
      Object.values((await first.twin.state()).mappings).flatMap(({ shards }) => Object.values(shards)),
    (shards) => shards.every(({ held_records }) => held_records === 0),
  );
  first.twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const after = [await accept('c'), await accept('d'), await accept('e')];
  await first.twin.stop();

  const second = await start(first.twin.assemblyFolder);

  for (const receipt of [...before, ...after]) {
    const { json } = await stored(second.api, receipt);
    expect(json).toMatchObject({ accepted: 5, stored: 5, duplicates: 0 });
  }
  expect(second.twin.calls()['consume-mapping']?.['kinesis.GetRecords']?.items).toBe(3);
  const { json } = await second.api.get('/v1/accounts/acme/summary?window=24h');
  expect(json).toMatchObject({ total: 25, duplicates: 0 });
}, 60_000);
