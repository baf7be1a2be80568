import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { KinesisEventStream, StreamUnavailable } from '../../../adapters/kinesis/event-stream.ts';
import { TestClock } from '../../support/clock.ts';

const client = mockClient(KinesisClient);
let clock: TestClock;
beforeEach(() => {
  client.reset();
  clock = new TestClock(0);
});

const put = (count: number, deadlineMs = 5000) =>
  new KinesisEventStream(client as unknown as KinesisClient, 'events', clock, () => clock.sleep(100)).put(
    Array.from({ length: count }, (_, index) => ({ partitionKey: `p${index}`, data: new Uint8Array(1) })),
    deadlineMs,
  );
const taken = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
const keysOfCall = (index: number) =>
  client
    .commandCalls(PutRecordsCommand)
    [index]?.args[0].input.Records?.map(({ PartitionKey }) => PartitionKey);

it('puts again only the records that were refused', async () => {
  client
    .on(PutRecordsCommand)
    .resolvesOnce({
      FailedRecordCount: 1,
      Records: [taken, { ErrorCode: 'ProvisionedThroughputExceededException' }, taken],
    })
    .resolves({ Records: [taken] });

  await put(3);

  expect(keysOfCall(0)).toEqual(['p0', 'p1', 'p2']);
  expect(keysOfCall(1)).toEqual(['p1']);
});

it('puts all again when the call itself failed: record ids make that safe', async () => {
  client
    .on(PutRecordsCommand)
    .rejectsOnce(new Error('socket hang up'))
    .resolves({ Records: [taken, taken] });

  await put(2);

  expect(keysOfCall(1)).toEqual(['p0', 'p1']);
});

it('gives up within its deadline and says why', async () => {
  client.on(PutRecordsCommand).resolves({ Records: [{ ErrorCode: 'InternalFailure' }] });

  await expect(put(1)).rejects.toThrow(StreamUnavailable);
  await expect(put(1, clock.nowMs)).rejects.toThrow(/InternalFailure/);
  expect(clock.nowMs).toBeLessThanOrEqual(5000);
});

it('takes nothing for acknowledged that has no sequence number', async () => {
  client.on(PutRecordsCommand).resolves({ FailedRecordCount: 0 });

  await expect(put(1)).rejects.toThrow(/no answer/);
});
