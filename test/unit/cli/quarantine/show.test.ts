import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { payloadName } from '../../../../domain/keys.ts';
import { placeOfRecord } from '../../../../domain/record/record-id.ts';
import { event, events } from '../../../support/events.ts';
import { startOperator } from '../operator-fixture.ts';
import { acme, batchOf, headerOf, recordOf, seal } from '../records-fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-show-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let { weir, records, operator, widen } = startOperator();
beforeEach(async () => {
  ({ weir, records, operator, widen } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});
const show = (record: string, ...argv: string[]) =>
  weir('quarantine', 'show', '--account', 'acme', '--record', record, ...argv);
const json = async (record: string, ...argv: string[]) =>
  JSON.parse((await show(record, '--json', ...argv)).out);

it('shows the receipt, why it is in quarantine, and what of the payload can be read', async () => {
  const record = await records.quarantine('one', { cause: 'TypeError' });

  const { code, out } = await show(record);

  expect(code).toBe(0);
  expect(out).toMatch(/receipt +quarantined since 2026-11-21T10:25:00\.000Z, kept until 2026-12-28T10:00:00/);
  expect(out).toMatch(/reason +failed: TypeError/);
  expect(out).toContain(`s3://failed-records/quarantine/acme/production/0/${record}`);
  expect(out).toMatch(/header +\{"tenant":/);
  expect(out).toMatch(/decodes +yes/);
  expect(out).toMatch(/2 ids +e-0 e-1$/m);
});

it('shows nothing of what the events hold unless it is asked to', async () => {
  const header = headerOf('one', { events: 1 });
  await records.quarantine('one', { events: 1, data: seal(header, [event({ user_id: 'ada@example.com' })]) });

  expect((await show(recordOf('one'))).out).not.toContain('ada');
  expect(JSON.stringify(await json(recordOf('one')))).not.toContain('ada');
  expect((await show(recordOf('one'), '--events')).out).toContain('"user_id":"ada@example.com"');
  expect((await json(recordOf('one'), '--events')).payload.events).toHaveLength(1);
});

it('shows things that are no events, and of many ids the first', async () => {
  const data = seal(headerOf('odd', { events: 1 }), [null as never]);
  await records.quarantine('odd', { events: 1, data });
  await records.quarantine('long', { events: 23, data: seal(headerOf('long', { events: 23 }), events(23)) });

  expect((await json(recordOf('odd'))).payload).toMatchObject({ decodes: true, event_ids: [null] });
  expect((await show(recordOf('odd'))).out).toMatch(/1 ids +\(no event\)/);
  expect((await show(recordOf('long'))).out).toMatch(/23 ids +e-0 .* e-19 … and 3 more \(--json\)/);
});

it('says why a payload does not decode, with its header where that can be read', async () => {
  const data = Buffer.from(seal(headerOf('one')));
  data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
  await records.quarantine('one', { reason: 'undecodable', data });

  const { payload } = await json(recordOf('one'));

  expect(payload).toMatchObject({ decodes: false, header: { batchId: batchOf('one') } });
  expect(payload.fault).toContain('checksum');
});

it('says that a payload is gone', async () => {
  const record = await records.quarantine('one');
  await records.failedRecords.remove(payloadName(acme, record));

  expect((await show(record)).out).toContain('none: the bucket does not have it');
  const { code, err } = await show(record, '--payload', join(folder, 'gone'));
  expect(code).toBe(1);
  expect(err).toContain('no payload to write');
});

it('writes the payload as it came, and over nothing', async () => {
  const data = seal(headerOf('one'));
  await records.quarantine('one', { data });
  const file = join(folder, 'one.bin');

  expect((await show(recordOf('one'), '--payload', file)).code).toBe(0);
  expect(readFileSync(file)).toEqual(Buffer.from(data));

  writeFileSync(file, 'mine');
  const again = await show(recordOf('one'), '--payload', file);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('(EEXIST)') });
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

it('shows the receipt of a record that is not in quarantine', async () => {
  await records.count(headerOf('done'));

  const shown = await json(recordOf('done'));

  expect(shown).toMatchObject({ receipt: { state: 'counted', stored: 2 }, entry: null });
  expect((await show(recordOf('done'))).out).toMatch(/^quarantine +not in quarantine$/m);
});

it('shows when a discarded record was quarantined, and not since when it is discarded', async () => {
  const record = await records.quarantine('one');
  await weir('quarantine', 'discard', '--account', 'acme', '--record', record, '--yes');

  expect((await show(record)).out).toMatch(/receipt +discarded; quarantined 2026-11-21T10:25:00\.000Z, kept/);
  expect((await json(record)).receipt).toMatchObject({ quarantined_at: '2026-11-21T10:25:00.000Z' });
});

it('says what it means that the place of a record is void, and not since when', async () => {
  await records.void('lost');

  expect((await show(recordOf('lost'))).out).toMatch(
    /receipt +void: the record has not come; an id that it would have made was given to another record, kept until 2026-12-28T10:00:00/,
  );
  const { receipt } = await json(recordOf('lost'));
  expect(receipt).toMatchObject({ state: 'void', accepted: 0 });
  expect(receipt).not.toHaveProperty('state_since');
  expect(receipt).not.toHaveProperty('quarantined_at');
});

it.each([
  ['late events', { late: true }],
  ['another slot', { slot: 3 }],
  ['late events of another slot', { slot: 3, late: true }],
])('finds a record of %s: its id does not say in which lane it is', async (_what, parts) => {
  widen(4);
  await records.quarantine('one', parts);

  expect(await json(recordOf('one'))).toMatchObject({
    receipt: { state: 'quarantined', accepted: 2 },
    entry: { reason: 'failed' },
  });
});

it('shows until when it is leased', async () => {
  const record = await records.quarantine('one');
  const entry = await records.lanes.quarantine.find(placeOfRecord(headerOf('one')));
  if (!entry) throw new Error('no entry');
  const nowMs = operator.clock.now();
  await records.lanes.quarantine.lease(entry, nowMs, nowMs + 60_000);

  expect((await json(record)).entry).toMatchObject({
    attempts: 1,
    leased_until: '2026-11-21T10:26:00.000Z',
  });
  expect((await show(record)).out).toMatch(/attempts +1, leased until 2026-11-21T10:26:00\.000Z$/m);
});

it.each([
  [['--record', recordOf('x')], 2, '--account is missing'],
  [['--account', 'acme'], 2, '--record is missing'],
  [['--account', 'nobody', '--record', recordOf('x')], 1, 'There is no account "nobody"'],
  [['--account', 'acme', '--record', 'x'], 2, 'is not a record id'],
  [['--account', 'acme', '--record', recordOf('x')], 1, `no record ${recordOf('x')} in production`],
])('quarantine show %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await weir('quarantine', 'show', ...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
});
