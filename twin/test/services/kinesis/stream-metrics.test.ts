import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AwsAnswer, errorAnswer, jsonAnswer } from '../../../src/core/proxy/aws-call.ts';
import { jsonBody } from '../../../src/core/proxy/json-body.ts';
import { createStreamMetrics } from '../../../src/services/kinesis/stream-metrics.ts';
import { keptMetrics, templateOf } from '../../fixture.ts';

const template = templateOf({ Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events' } } });
const StreamName = 'events';
const throttled = 'ProvisionedThroughputExceededException';

function measure(operation: string, input: object, answer: AwsAnswer) {
  const metrics = keptMetrics();
  const call = {
    ...{ method: 'POST', url: '/', headers: {}, caller: 'ingest', service: 'kinesis', operation },
    body: Buffer.from(JSON.stringify({ StreamName, ...input })),
  };
  createStreamMetrics(template, { metrics: metrics.sink, clock: { now: () => 1000 } as never })({
    ...{ call, answer, elapsedMs: 7 },
    input: jsonBody(call.body),
    output: jsonBody(answer.body),
  });
  return metrics.sums({ StreamName });
}
const record = (text: string) => ({ Data: Buffer.from(text).toString('base64'), PartitionKey: 'k' });

it('measures the records and bytes that a stream took, and those that it refused', () => {
  const answer = jsonAnswer(200, {
    FailedRecordCount: 2,
    Records: [{ ShardId: 's' }, { ErrorCode: throttled }, { ErrorCode: 'InternalFailure' }],
  });

  expect(measure('PutRecords', { Records: [record('hello'), record('no'), record('no')] }, answer)).toEqual({
    IncomingRecords: 1,
    IncomingBytes: 5,
    WriteProvisionedThroughputExceeded: 1,
    'PutRecords.Success': 1,
    'PutRecords.Latency': 7,
    'PutRecords.TotalRecords': 3,
    'PutRecords.SuccessfulRecords': 1,
    'PutRecords.FailedRecords': 1,
    'PutRecords.ThrottledRecords': 1,
  });
});

it('measures a single record, also one that is refused', () => {
  expect(measure('PutRecord', record('hello'), jsonAnswer(200, { ShardId: 's' }))).toEqual({
    IncomingRecords: 1,
    IncomingBytes: 5,
    WriteProvisionedThroughputExceeded: 0,
    'PutRecord.Success': 1,
    'PutRecord.Latency': 7,
  });
  expect(measure('PutRecord', record('hello'), errorAnswer(400, throttled, 'too fast'))).toEqual({
    WriteProvisionedThroughputExceeded: 1,
    'PutRecord.Success': 0,
  });
});

it('counts the bytes of data, however long it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (data) => {
      const input = { Data: Buffer.from(data).toString('base64'), PartitionKey: 'k' };
      expect(measure('PutRecord', input, jsonAnswer(200, {})).IncomingBytes).toBe(data.length);
    }),
    { seed: 65, numRuns: 50 },
  );
});

it('measures nothing of other calls', () => {
  expect(measure('ListShards', {}, jsonAnswer(200, {}))).toEqual({});
});
