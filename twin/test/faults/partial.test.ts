// Calls of the stream that fail in part: on AWS's own client, and for any input.

import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClock } from '../../src/core/clock.ts';
import { Faults } from '../../src/faults/faults.ts';
import { awsCall, type FaultyProxy, startFaultyProxy } from './fixture.ts';

const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
const half = { kind: 'partial', share: 0.5 } as const;

/** Answers each record with its data as its sequence number. */
function kinesisAnswer(records: readonly { readonly Data: string }[]) {
  return {
    FailedRecordCount: 0,
    EncryptionType: 'NONE',
    Records: records.map(({ Data }) => ({ SequenceNumber: Data, ShardId: 'shardId-000000000000' })),
  };
}

let proxy: FaultyProxy;
beforeEach(async () => {
  proxy = await startFaultyProxy(({ input }) => kinesisAnswer((input.Records ?? []) as { Data: string }[]));
});
afterEach(() => proxy.end());

const put = () =>
  proxy.kinesis.send(
    new PutRecordsCommand({
      StreamName: 'events',
      Records: names.map((name) => ({ PartitionKey: name, Data: Buffer.from(name) })),
    }),
  );

it('some records of a PutRecords are refused and not written, and each answer is in the place of its record', async () => {
  proxy.faults.inject({ on: {}, do: half });

  const { Records = [], FailedRecordCount } = await put();

  const written = (proxy.received[0]?.input.Records ?? []) as { PartitionKey: string }[];
  const answered = Records.map(({ SequenceNumber }) =>
    SequenceNumber === undefined ? undefined : Buffer.from(SequenceNumber, 'base64').toString(),
  );
  expect(answered.map((name, index) => name ?? names[index])).toEqual(names);
  expect(written.map(({ PartitionKey }) => PartitionKey)).toEqual(
    answered.filter((name) => name !== undefined),
  );
  expect(FailedRecordCount).toBe(names.length - written.length);
  expect(FailedRecordCount).toBeGreaterThan(0);
  expect(written.length).toBeGreaterThan(0);
  expect(Records.find(({ ErrorCode }) => ErrorCode !== undefined)).toEqual({
    ErrorCode: 'ProvisionedThroughputExceededException',
    ErrorMessage: 'Injected fault: fault 1.',
  });
});

it('where all records are chosen nothing is forwarded', async () => {
  proxy.faults.inject({ on: {}, do: { kind: 'partial', share: 1, code: 'InternalFailure' } });

  const { Records, FailedRecordCount } = await put();

  expect(proxy.received).toEqual([]);
  expect(FailedRecordCount).toBe(names.length);
  expect(new Set(Records?.map(({ ErrorCode }) => ErrorCode))).toEqual(new Set(['InternalFailure']));
});

it('where none is chosen the call is left to the next rule, and nothing was met', async () => {
  const none = proxy.faults.inject({ on: {}, do: { kind: 'partial', share: 0 } });
  proxy.faults.inject({ on: {}, do: { kind: 'throttle' } });

  await expect(put()).rejects.toThrow('fault 2');
  expect(none.met()).toBe(0);
});

it.each([
  ['more records than a call may carry', { Records: Array.from({ length: 501 }, () => ({})) }],
  ['records that are no list', { Records: 'many' }],
  ['no input at all', null],
])('%s are for the service to refuse', async (_name, input) => {
  const faults = new Faults({ clock: createClock(), kill: () => false });
  const fault = faults.inject({ on: {}, do: { kind: 'partial', share: 1 } });
  const refused = { status: 400, headers: {}, body: Buffer.from('{}') };

  expect(await faults.step(awsCall({ input }), async () => refused)).toBe(refused);
  expect(fault.met()).toBe(0);
});

it('a service that refuses the rest of a call refuses it whole', async () => {
  const faults = new Faults({ clock: createClock(), kill: () => false });
  faults.inject({ on: {}, do: half });
  const refused = { status: 400, headers: {}, body: Buffer.from('{"__type":"ResourceNotFoundException"}') };
  const input = { Records: names.map((Data) => ({ Data })) };

  expect(await faults.step(awsCall({ input }), async () => refused)).toBe(refused);
});

it('what the service refuses of the rest is told together with what the rule refused', async () => {
  const faults = new Faults({ clock: createClock(), kill: () => false });
  faults.inject({ on: {}, do: half });
  const answer = (output: unknown) => async () => ({
    status: 200,
    headers: {},
    body: Buffer.from(JSON.stringify(output)),
  });
  const ask = async (call: Parameters<typeof awsCall>[0], output: (rest: unknown[]) => unknown) => {
    const passed = await faults.step(awsCall(call), (rest) => {
      const { Records, RequestItems } = JSON.parse(rest.body.toString());
      return answer(output(Records ?? RequestItems.pages))();
    });
    return JSON.parse(passed.body.toString());
  };

  const put = await ask({ input: { Records: names } }, (rest) => ({
    FailedRecordCount: rest.length,
    Records: rest.map(() => ({ ErrorCode: 'InternalFailure' })),
  }));
  const write = await ask(
    { service: 'dynamodb', operation: 'BatchWriteItem', input: { RequestItems: { pages: names } } },
    (rest) => ({ UnprocessedItems: { pages: rest } }),
  );

  expect(put.FailedRecordCount).toBe(names.length);
  expect(put.Records).toHaveLength(names.length);
  expect([...write.UnprocessedItems.pages].sort()).toEqual([...names].sort());
  expect(faults.list()).toMatchObject([{ met: 2 }]);
});

it('what is forwarded and what fails are together all records, in order, for any call', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string(), { minLength: 1, maxLength: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      async (data, share, seed) => {
        const faults = new Faults({ clock: createClock(), kill: () => false });
        faults.inject({ on: {}, do: { kind: 'partial', share } }, seed);
        let forwarded: { Data: string }[] = [];

        const answer = await faults.step(
          awsCall({ input: { Records: data.map((Data) => ({ Data })) } }),
          async (call) => {
            forwarded = JSON.parse(call.body.toString()).Records;
            return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(kinesisAnswer(forwarded))) };
          },
        );

        const { Records, FailedRecordCount } = JSON.parse(answer.body.toString());
        const succeeded: number[] = Records.flatMap((each: { ErrorCode?: string }, index: number) =>
          each.ErrorCode === undefined ? [index] : [],
        );
        expect(Records).toHaveLength(data.length);
        expect(FailedRecordCount + forwarded.length).toBe(data.length);
        expect(forwarded.map(({ Data }) => Data)).toEqual(succeeded.map((index) => data[index]));
        expect(succeeded.map((index) => Records[index].SequenceNumber)).toEqual(
          succeeded.map((index) => data[index]),
        );
      },
    ),
  );
});
