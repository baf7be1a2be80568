import { describe, expect, it } from 'vitest';
import { type AwsCall, errorAnswer, jsonAnswer } from '../../../src/core/proxy/aws-call.ts';
import { type Json, jsonBody } from '../../../src/core/proxy/json-body.ts';
import { forwardRecords, recordsIn } from '../../../src/services/kinesis/stream-limits/forward-records.ts';

const mebibyte = 1_048_576;
const call: AwsCall = {
  method: 'POST',
  url: '/',
  headers: {},
  body: Buffer.alloc(0),
  caller: 'ingest',
  service: 'kinesis',
  operation: 'PutRecords',
};
const records = (count: number, bytes: number): Json[] =>
  Array.from({ length: count }, (_, index) => ({ index, Data: 'x'.repeat(bytes) }));

/** What each call carried, and the answer to all, of an engine that refuses the call with this number. */
async function forward(all: readonly Json[], refusedCall?: number) {
  const carried: unknown[][] = [];
  const answer = await forwardRecords(call, { StreamName: 'events' }, all, async ({ body }) => {
    const input = jsonBody(body);
    expect(input?.StreamName).toBe('events');
    expect(body.byteLength).toBeLessThanOrEqual(7 * mebibyte);
    const indexes = recordsIn(input).map(({ index }) => index);
    carried.push(indexes);
    return carried.length === refusedCall
      ? errorAnswer(503, 'ServiceUnavailable', 'gone')
      : jsonAnswer(200, { FailedRecordCount: 0, Records: indexes.map((index) => ({ index })) });
  });
  return { carried, answer, answered: recordsIn(jsonBody(answer.body)).map(({ index }) => index) };
}

describe('records are handed on', () => {
  it('in one call where the engine reads that much', async () => {
    expect((await forward(records(4, 1.7 * mebibyte))).carried).toEqual([[0, 1, 2, 3]]);
  });

  it('in parts where it does not, in order, and answered as one', async () => {
    const { carried, answered } = await forward(records(9, 1.7 * mebibyte));

    expect(carried.length).toBeGreaterThan(2);
    expect(carried.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(answered).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it.each([1, 2])('and a refusal of part %i is the answer to all, with nothing after it', async (part) => {
    const { carried, answer } = await forward(records(8, 1.7 * mebibyte), part);

    expect(answer.status).toBe(503);
    expect(carried).toHaveLength(part);
  });
});
