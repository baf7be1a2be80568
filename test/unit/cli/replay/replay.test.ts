import { beforeEach, describe, expect, it } from 'vitest';
import { streamKey, unreadableName } from '../../../../domain/keys.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { sealedRejections } from '../../../support/rejections.ts';
import { startOperator } from '../operator-fixture.ts';
import { batchOf, headerOf, seal } from '../records-fixture.ts';

let { weir, records, clock } = startOperator();
beforeEach(async () => {
  ({ weir, records, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme');
  await weir('account', 'create', '--account', 'beta');
});
const replay = (...argv: string[]) => weir('replay', '--from', '2h', ...argv);
const json = async (...argv: string[]) => JSON.parse((await replay('--json', ...argv)).out);
const arrive = (batchId: string, parts: Parameters<typeof records.arrive>[1] = {}) =>
  records.arrive(seal(headerOf(batchId)), parts);
const handedSequences = () =>
  records.handed.map(({ Records }) => Records.map(({ kinesis }) => kinesis.sequenceNumber).join());
const beta = { account: 'beta', environment: 'production', generation: 0 };

it('hands over what has no receipt, and prints what was counted before and now', async () => {
  await records.count(headerOf('before'));
  await records.quarantine('poisoned');
  for (const batchId of ['before', 'poisoned', 'lost', 'missed']) arrive(batchId);

  const { code, out, err } = await replay();

  expect(code).toBe(0);
  expect(handedSequences()).toEqual(['3,4']);
  expect(out).toContain('4 records that arrived');
  expect(out).toMatch(/already_counted +1 /);
  expect(out).toMatch(/already_quarantined +1 /);
  expect(out).toMatch(/\ncounted +2 /);
  expect(out).toContain('New events stored and counted: 4.');
  expect(err).toContain('events/shard-0: to 2026-11-21T09:25:00.000Z; 4 read');
});

it('hands over what an outage put in quarantine, which the consumer counts', async () => {
  await records.quarantine('outage', { reason: 'outage' });
  await records.quarantine('poison', { reason: 'crashed' });
  arrive('outage');
  arrive('poison');

  expect(await json()).toMatchObject({ by_outcome: { counted: 1, already_quarantined: 1 } });
});

it('reports of such a record that the outage lasts, rather than that it is quarantined now', async () => {
  await records.quarantine('outage', { reason: 'outage' });
  arrive('outage');
  records.troubles.set(batchOf('outage'), 'is held');

  expect(await replay()).toMatchObject({ code: 1, out: expect.stringMatching(/\nfailed +1 /) });
});

it('passes over rejections, which have no event that could be missing', async () => {
  arrive('lost');
  const { data, partitionKey } = sealedRejections(batchOf('rejected'));
  records.arrive(data, { partitionKey });

  expect(await json()).toMatchObject({ records_read: 1, by_outcome: { counted: 1 } });
  expect(handedSequences()).toEqual(['1']);
});

it('reads the stream of late events as well, and tells the two apart', async () => {
  arrive('live');
  const partitionKey = streamKey(headerOf('late').tenant, 0, true);
  records.arrive(seal(headerOf('late', { late: true })), { stream: 'late-events', partitionKey });

  const { out, err } = await replay('--json');

  expect(JSON.parse(out)).toMatchObject({ shards: 2, by_outcome: { counted: 2 } });
  expect(err).toContain('late-events/shard-0: to');
  const sources = records.handed.flatMap(({ Records }) =>
    Records.map(({ eventSourceARN }) => eventSourceARN),
  );
  expect(sources.map((arn) => arn.split('/').at(-1)).sort()).toEqual(['events', 'late-events']);
});

it('run again finds nothing to do', async () => {
  arrive('lost');
  await replay();

  expect(await json()).toMatchObject({ by_outcome: { already_counted: 1 }, events_stored: 0 });
  expect(records.handed).toHaveLength(1);
});

it('hands over events as the mapping makes them', async () => {
  const { sequenceNumber, data, arrivedAtMs } = arrive('lost');

  await replay();

  expect(records.handed[0]?.Records).toEqual([
    {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: 'acme#production#0#0',
        sequenceNumber,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAtMs / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shard-0:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'operator',
      awsRegion: 'eu-central-1',
      eventSourceARN: 'arn:aws:kinesis:eu-central-1:1:stream/events',
    },
  ]);
});

it('reads every shard, between the times that are given', async () => {
  const at = (minutesAgo: number, shardId: string) => ({
    arrivedAtMs: clock.now() - minutesAgo * minuteMs,
    shardId,
  });
  arrive('early', at(121, 'shard-0'));
  arrive('first', at(120, 'shard-0'));
  arrive('other', at(90, 'shard-1'));
  arrive('late', at(60, 'shard-1'));

  expect(await json('--to', '1h')).toMatchObject({
    from: '2026-11-21T08:25:00.000Z',
    to: '2026-11-21T09:25:00.000Z',
    shards: 2,
    records_read: 2,
    by_outcome: { counted: 2 },
  });
  expect(handedSequences().toSorted()).toEqual(['2', '3']);
});

it('hands over no more than 100 records at once, and no more than an invocation takes', async () => {
  for (let index = 0; index < 130; index += 1) arrive(`b${index}`);
  await replay();
  expect(records.handed.map(({ Records }) => Records.length)).toEqual([100, 30]);

  records.handed.length = 0;
  const large = Buffer.alloc(900_000);
  for (let index = 0; index < 6; index += 1) records.arrive(large);
  await replay();
  expect(records.handed.map(({ Records }) => Records.length)).toEqual([4, 2]);
});

it('counts a record that is in the stream twice once', async () => {
  arrive('lost');
  arrive('lost');

  expect(await json()).toMatchObject({ by_outcome: { repeated: 1, counted: 1 }, events_stored: 2 });
});

it.each([
  [['--account', 'beta'], ['2,3']],
  [['--account', 'acme'], ['1']],
  [['--environment', 'production'], ['1,2,3']],
])('%j takes only records of those, by their key where they cannot be read', async (argv, handed) => {
  arrive('acme');
  const partitionKey = streamKey(beta, 0, true);
  records.arrive(seal(headerOf('beta', { tenant: beta })), { partitionKey });
  records.arrive(Buffer.from('no envelope'), { partitionKey });

  await replay(...argv);

  expect(handedSequences()).toEqual(handed);
});

it('hands over what cannot be read once, because the bucket has it from then on', async () => {
  const { sequenceNumber } = records.arrive(Buffer.from('no envelope'));
  expect(await replay()).toMatchObject({ code: 1, out: expect.stringMatching(/\nkept +1 /) });

  await records.failedRecords.put(unreadableName(sequenceNumber), Buffer.from('no envelope'));
  expect(await replay()).toMatchObject({ code: 0, out: expect.stringMatching(/already_kept +1 /) });
  expect(records.handed).toHaveLength(1);
});

it('with --dry-run prints how many it would hand over, and hands over none', async () => {
  arrive('lost');

  const { code, out } = await replay('--dry-run');

  expect(code).toBe(0);
  expect(out).toMatch(/to_count +1 /);
  expect(records.handed).toEqual([]);
});

describe('what is not done makes the exit code 1', () => {
  it('finds the one record that ends the consumer, and continues with the others', async () => {
    for (const batchId of ['a', 'poison', 'b', 'c', 'd']) arrive(batchId);
    records.troubles.set(batchOf('poison'), 'crashes');

    const { code, out } = await replay();

    expect(code).toBe(1);
    expect(out).toMatch(/\ncounted +4 /);
    expect(out).toMatch(/\ncrashed +1 /);
    expect(out).toMatch(/\nshard-0 +2 +2026-11-21T09:25:00\.000Z/);
    expect(out).toContain('run the same again');
  });

  it('stops where the consumer keeps its records, because the next ones would fail too', async () => {
    for (let index = 0; index < 151; index += 1) arrive(`b${index}`);
    records.troubles.set(batchOf('b3'), 'is held');

    const report = await json();

    expect(report).toMatchObject({
      stopped: true,
      records_read: 150,
      by_outcome: { failed: 1, counted: 149 },
    });
    expect(report.failed).toEqual([
      { shard: 'shard-0', sequence_number: '4', arrived_at: '2026-11-21T09:25:00.000Z' },
    ]);
    expect((await replay()).code).toBe(1);
  });

  it('stops where everything ends the consumer', async () => {
    for (let index = 0; index < 151; index += 1) {
      arrive(`b${index}`);
      records.troubles.set(batchOf(`b${index}`), 'crashes');
    }

    expect(await json()).toMatchObject({ stopped: true, records_read: 150, by_outcome: { crashed: 150 } });
  });

  it('reports a record that is quarantined', async () => {
    arrive('bad');
    records.troubles.set(batchOf('bad'), 'is quarantined');

    expect(await replay()).toMatchObject({ code: 1, out: expect.stringMatching(/\nquarantined +1 /) });
  });
});

it('says from when on the stream has records, where it is asked for older ones', async () => {
  const { code, err } = await weir('replay', '--from', '25h');

  expect(code).toBe(1);
  expect(err).toContain('keeps records for 24 hours: it has them from 2026-11-20T10:25:00.000Z on');
  expect(err).toContain('Give --from 24h');
  expect((await weir('replay', '--from', '24h')).code).toBe(0);
});

it.each([
  [[], 2, '--from is missing'],
  [['--from', '1h', '--to', '2h'], 2, '--from has to be before --to'],
  [['--from', '2027-01-01T00:00:00Z', '--to', '2027-01-02T00:00:00Z'], 2, 'in the past'],
  [['--from', 'soon'], 2, 'is not a time'],
  [['--from', '1h', '--environment', 'stagng'], 1, 'No key is or was of environment "stagng"'],
  [['--from', '1h', '--account', 'nobody'], 1, 'There is no account "nobody"'],
])('replay %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await weir('replay', ...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
});
