import { beforeEach, describe, expect, it } from 'vitest';
import { deadLetterName, unreadableName } from '../../../../domain/keys.ts';
import { writeDeadLetter } from '../../../../domain/quarantine/dead-letters.ts';
import type { EnvelopeHeader } from '../../../../domain/record/envelope.ts';
import { placeOfRecord } from '../../../../domain/record/record-id.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { sheetsOf } from '../../../../domain/tally/sheet.ts';
import { startOperator } from '../operator-fixture.ts';
import { acme, headerOf, recordOf, seal } from '../records-fixture.ts';

let stage: ReturnType<typeof startOperator>;
let sequence = 0;
beforeEach(async () => {
  stage = startOperator();
  await stage.weir('account', 'create', '--account', 'acme');
  await stage.weir('account', 'create', '--account', 'other');
  // Fixtures are received at 10:00.
  stage.clock.nowMs = Date.parse('2026-11-21T12:00:00.000Z');
});

const tally = (header: EnvelopeHeader, arrivedAtMs = header.receivedAtMs) => {
  sequence += 1;
  const record = { ...placeOfRecord(header), events: header.events };
  return stage.records.sheets.put(
    sheetsOf('events/shard-0', [{ sequenceNumber: String(sequence), arrivedAtMs, record }]),
  );
};
const acknowledge = async (name: string, parts: Partial<EnvelopeHeader> = {}) => {
  const header = headerOf(name, parts);
  await tally(header);
  return header;
};
const verify = async (...options: string[]) => {
  const { code, out, err } = await stage.weir('ledger', 'verify', '--from', '3h', '--json', ...options);
  return { code, err, found: out ? JSON.parse(out) : undefined };
};

describe('ledger verify', () => {
  it('is balanced if everything that was acknowledged has an outcome', async () => {
    await stage.records.count(await acknowledge('a'));
    await acknowledge('b');
    await stage.records.quarantine('b');

    const { code, found } = await verify();

    expect(code).toBe(0);
    expect(found).toMatchObject({
      balanced: true,
      tallied: { records: 2, events: 4 },
      outcomes: { stored: 2, duplicates: 0, conflicts: 0, quarantined: 2, discarded: 0, dropped: 0 },
      missing: [],
      untallied: [],
    });
  });

  it('names each record without an outcome, with its place on the stream, and exits with 1', async () => {
    await stage.records.count(await acknowledge('a'));
    await acknowledge('lost', { events: 7 });

    const { code, found } = await verify();

    expect(code).toBe(1);
    expect(found).toMatchObject({
      balanced: false,
      missing: [
        {
          account_id: 'acme',
          environment: 'production',
          record: recordOf('lost'),
          received_at: '2026-11-21T10:00:00.000Z',
          events: 7,
          shard: 'events/shard-0',
          sequences: `${sequence}-${sequence}`,
        },
      ],
    });
    const { out } = await stage.weir('ledger', 'verify', '--from', '3h');
    expect(out).toContain(recordOf('lost'));
    expect(out).toContain('not balanced');
  });

  it('names a record whose receipt has another number of events', async () => {
    const header = await acknowledge('a', { events: 5 });
    await stage.records.count({ ...header, events: 3 });

    expect((await verify()).found.missing).toMatchObject([
      { record: recordOf('a'), events: 5, receipt: { state: 'counted', accepted: 3, stored: 3 } },
    ]);
  });

  it('names each receipt of a record that the tally does not have', async () => {
    await stage.records.count(headerOf('untallied'));

    const { code, found } = await verify();

    expect(code).toBe(1);
    expect(found).toMatchObject({
      missing: [],
      untallied: [{ account_id: 'acme', record: recordOf('untallied'), events: 2, state: 'counted' }],
    });
  });

  it('knows a record that arrived later, because its request was sent again with its idempotency key', async () => {
    const header = headerOf('again');
    await tally(header, header.receivedAtMs + 100 * minuteMs);
    await stage.records.count(header);

    expect((await verify('--to', '2026-11-21T10:30:00Z')).found).toMatchObject({
      balanced: true,
      untallied: [],
    });
  });

  it('counts a record once that the stream holds twice, in two quarters of an hour', async () => {
    const header = headerOf('twice', { receivedAtMs: Date.parse('2026-11-21T10:14:59.999Z') });
    await tally(header);
    await tally(header, header.receivedAtMs + 2);

    expect((await verify()).found).toMatchObject({ tallied: { records: 1 }, missing: [{}] });
  });

  it('takes what arrived less than 15 minutes ago for in flight', async () => {
    const receivedAtMs = stage.clock.nowMs - 5 * minuteMs;
    await acknowledge('young', { receivedAtMs });
    await stage.records.count(headerOf('not yet tallied', { receivedAtMs }));

    expect(await verify()).toMatchObject({
      code: 0,
      found: { balanced: true, in_flight: { records: 1, events: 2 }, untallied: [] },
    });
  });

  it('finds what waits in the bucket, with the name of the object', async () => {
    const header = await acknowledge('waits');
    const object = deadLetterName(acme, recordOf('waits'), 'digest');
    const letter = { sequenceNumber: '1', partitionKey: 'acme#production#0#0', data: seal(header) };
    await stage.records.failedRecords.put(object, writeDeadLetter([letter]));

    expect(await verify()).toMatchObject({
      code: 0,
      found: { missing: [], in_bucket: [{ record: recordOf('waits'), object }] },
    });
  });

  it('finds records without a readable header by the bucket', async () => {
    const arrivedAtMs = headerOf('a').receivedAtMs;
    await stage.records.sheets.put(sheetsOf('events/shard-0', [{ sequenceNumber: '77', arrivedAtMs }]));
    expect(await verify()).toMatchObject({
      code: 1,
      found: { unreadable: [{ shard: 'events/shard-0', sequence: '77' }] },
    });

    await stage.records.failedRecords.put(unreadableName('77'), Buffer.from('noise'));
    expect(await verify()).toMatchObject({ code: 0, found: { unreadable: [] } });
  });

  it('counts the records of a deleted account as dropped', async () => {
    await acknowledge('gone', { tenant: { ...acme, account: 'other' } });
    await stage.weir('account', 'suspend', '--account', 'other', '--reason', 'ends');
    const deleted = await stage.weir('account', 'delete', '--account', 'other', '--yes');
    expect(deleted).toMatchObject({ code: 0 });

    expect(await verify('--account', 'other')).toMatchObject({
      code: 0,
      found: { tallied: { records: 1 }, outcomes: { dropped: 2 }, missing: [] },
    });
  });

  it('is of one account, if that is asked for', async () => {
    await acknowledge('a');
    await acknowledge('b', { tenant: { ...acme, account: 'other' } });

    expect((await verify('--account', 'other')).found.missing).toMatchObject([{ account_id: 'other' }]);
  });

  it('says how long the tally is kept, and which account there is not', async () => {
    const old = await stage.weir('ledger', 'verify', '--from', '10d');
    expect(old).toMatchObject({ code: 2 });
    expect(old.err).toContain('The tally is kept for 9 days.');
    expect((await verify('--account', 'acmee')).err).toContain('acmee');
  });

  it('shows how far it is', async () => {
    await acknowledge('a');

    expect((await verify('--to', '1h')).err).toContain(
      'to 2026-11-21T10:15:00.000Z: 1 records, 1 without an outcome',
    );
  });
});

describe('ledger status', () => {
  it('prints the last quarters of an hour, and what waits for longer', async () => {
    await acknowledge('old');
    const receivedAtMs = stage.clock.nowMs - 20 * minuteMs;
    await stage.records.count(await acknowledge('stored', { receivedAtMs }));
    await acknowledge('young', { receivedAtMs: stage.clock.nowMs - minuteMs });

    const { out } = await stage.weir('ledger', 'status', '--json');

    expect(JSON.parse(out)).toMatchObject({
      quarters: [
        { from: '2026-11-21T11:15:00.000Z', records: 0 },
        { from: '2026-11-21T11:30:00.000Z', records: 1, events: 2, in_flight: 0, without_outcome: 0 },
        { from: '2026-11-21T11:45:00.000Z', records: 1, in_flight: 1, without_outcome: 0 },
        { from: '2026-11-21T12:00:00.000Z', records: 0 },
      ],
      open: { sheets: 3, records: 3, oldest: '2026-11-21T10:00:00.000Z' },
    });
    const { out: text } = await stage.weir('ledger', 'status');
    expect(text).toContain('the oldest sheet is of 2026-11-21T10:00:00.000Z, 2 h ago');
  });

  it('says so if nothing waits', async () => {
    stage.clock.nowMs += dayMs + hourMs;

    expect((await stage.weir('ledger', 'status')).out).toContain('an outcome of everything');
  });
});
