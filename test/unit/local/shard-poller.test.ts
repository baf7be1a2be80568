import { expect, it } from 'vitest';
import type { StreamRecord } from '../../../local/mapping/kinesis-event.ts';
import type { MappingSettings } from '../../../local/mapping/mapping-settings.ts';
import { pollShard } from '../../../local/mapping/shard-poller.ts';
import { functionArn } from './fixture.ts';

type Batch = readonly string[];

const settings: MappingSettings = {
  id: 'Mapping',
  functionArn: functionArn('consume'),
  roleArn: 'arn:aws:iam::000000000000:role/consume',
  streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
  streamName: 'events',
  batchSize: 3,
  windowMs: 0,
  reportsItemFailures: true,
};

const record = (sequenceNumber: string, bytes = 4): StreamRecord => ({
  SequenceNumber: sequenceNumber,
  PartitionKey: 'key',
  Data: 'A'.repeat(bytes),
  ApproximateArrivalTimestamp: 1.5,
});

/** Polls a shard that holds `records` until `done` says so of the checkpoints; `answer` plays the function. */
async function poll(
  records: readonly StreamRecord[],
  answer: (batch: Batch, attempt: number) => unknown,
  done: (checkpoints: readonly string[]) => boolean,
  changes: Partial<MappingSettings> = {},
) {
  const stop = new AbortController();
  const batches: Batch[] = [];
  const events: unknown[] = [];
  const checkpoints: string[] = [];
  const reports: string[] = [];
  let position = 0;
  await pollShard({
    settings: { ...settings, ...changes },
    shardId: 'shardId-000000000000',
    reader: {
      read: async (limit) => {
        const next = records.slice(position, position + limit);
        position += next.length;
        return next;
      },
    },
    functions: {
      invoke: async (_arn, event) => {
        const { Records } = event as { Records: { kinesis: { sequenceNumber: string } }[] };
        const batch = Records.map(({ kinesis }) => kinesis.sequenceNumber);
        batches.push(batch);
        events.push(event);
        return answer(batch, batches.length);
      },
    },
    checkpoint: async (sequenceNumber) => {
      checkpoints.push(sequenceNumber);
      if (done(checkpoints)) stop.abort();
    },
    report: (problem) => reports.push(problem),
    signal: stop.signal,
  });
  return { batches, checkpoints, events, reports };
}

it('delivers batches in order and keeps the last sequence number of each', async () => {
  const { batches, checkpoints, reports } = await poll(
    ['1', '2', '3', '4'].map((number) => record(number)),
    () => null,
    (all) => all.includes('4'),
  );

  expect(batches).toEqual([['1', '2', '3'], ['4']]);
  expect(checkpoints).toEqual(['3', '4']);
  expect(reports).toEqual([]);
});

it('makes the event that Lambda makes', async () => {
  const { events } = await poll(
    [record('1')],
    () => undefined,
    (all) => all.includes('1'),
  );

  expect(events).toEqual([
    {
      Records: [
        {
          awsRegion: 'us-east-1',
          eventID: 'shardId-000000000000:1',
          eventName: 'aws:kinesis:record',
          eventSource: 'aws:kinesis',
          eventSourceARN: settings.streamArn,
          eventVersion: '1.0',
          invokeIdentityArn: settings.roleArn,
          kinesis: {
            approximateArrivalTimestamp: 1.5,
            data: 'AAAA',
            kinesisSchemaVersion: '1.0',
            partitionKey: 'key',
            sequenceNumber: '1',
          },
        },
      ],
    },
  ]);
});

it('waits for the window before it delivers less than a batch', async () => {
  const startedAtMs = performance.now();

  await poll(
    [record('1')],
    () => null,
    (all) => all.includes('1'),
    { windowMs: 200 },
  );

  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(195);
});

it('tries again from the lowest record that failed, and passes over none', async () => {
  const { batches, checkpoints, reports } = await poll(
    ['1', '2', '3'].map((number) => record(number)),
    (_batch, attempt) =>
      attempt === 1 ? { batchItemFailures: [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] } : {},
    (all) => all.includes('3'),
  );

  expect(batches).toEqual([
    ['1', '2', '3'],
    ['2', '3'],
  ]);
  expect(checkpoints).toEqual(['1', '3']);
  expect(reports).toHaveLength(1);
});

it.each([
  ['the function throws', () => Promise.reject(new Error('boom'))],
  ['a failure names no record of the batch', () => ({ batchItemFailures: [{ itemIdentifier: '9' }] })],
  ['a failure names nothing', () => ({ batchItemFailures: [{}] })],
])('tries the whole batch again, with a longer pause each time, where %s', async (_name, fail) => {
  const { batches, checkpoints, reports } = await poll(
    ['1', '2'].map((number) => record(number)),
    (_batch, attempt) => (attempt < 3 ? fail() : null),
    (all) => all.includes('2'),
  );

  expect(batches).toEqual([
    ['1', '2'],
    ['1', '2'],
    ['1', '2'],
  ]);
  expect(checkpoints).toEqual(['2']);
  expect(reports.map((report) => /in (\d+) ms/.exec(report)?.[1])).toEqual(['100', '200']);
});

it('takes no notice of item failures where the mapping does not ask for them', async () => {
  const { checkpoints } = await poll(
    [record('1')],
    () => ({ batchItemFailures: [{ itemIdentifier: '1' }] }),
    (all) => all.includes('1'),
    { reportsItemFailures: false },
  );

  expect(checkpoints).toEqual(['1']);
});

it('cuts a batch so that it fits into a payload of 6 MB', async () => {
  const mebibyte = 1024 * 1024;
  const { batches } = await poll(
    ['1', '2', '3'].map((number) => record(number, 2.5 * mebibyte)),
    () => null,
    (all) => all.includes('3'),
  );

  expect(batches).toEqual([['1', '2'], ['3']]);
});
