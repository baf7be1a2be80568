import { expect, it } from 'vitest';
import { DividedEventStream } from '../../../../adapters/record/divided-event-stream.ts';
import { MemoryEventStream } from '../../../../adapters/record/memory-event-stream.ts';
import { streamKey } from '../../../../domain/keys.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const recordOf = (late: boolean, text: string) => ({
  partitionKey: streamKey(tenant, 0, late),
  data: Buffer.from(text),
});
const textsOf = ({ records }: MemoryEventStream) => records.map(({ data }) => Buffer.from(data).toString());
const refusing = { put: () => Promise.reject(new Unavailable('It has too many records.')) };

it('puts late events on a stream of their own, and all others on the other, each in their order', async () => {
  const [live, late] = [new MemoryEventStream(), new MemoryEventStream()];

  await new DividedEventStream({ live, late }).put(
    [recordOf(false, 'a'), recordOf(false, 'b'), recordOf(true, 'c'), recordOf(true, 'd')],
    1000,
  );

  expect([textsOf(live), textsOf(late)]).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('puts nothing of a batch whose late events are refused, so that it can be sent again whole', async () => {
  const live = new MemoryEventStream();
  const streams = new DividedEventStream({ live, late: refusing });

  await expect(streams.put([recordOf(false, 'a'), recordOf(true, 'b')], 1000)).rejects.toThrow(Unavailable);
  expect(textsOf(live)).toEqual([]);
});

it('says that a failure had no effect only if no late event of the batch was taken', async () => {
  const error = Object.assign(new Unavailable('It has too many records.'), { hadNoEffect: true });
  const full = { put: () => Promise.reject(error) };
  const both = [recordOf(false, 'a'), recordOf(true, 'b')];
  const live = new DividedEventStream({ live: full, late: new MemoryEventStream() });
  const late = new DividedEventStream({ live: new MemoryEventStream(), late: full });

  await expect(late.put(both, 1000)).rejects.toMatchObject({ hadNoEffect: true });
  await expect(live.put(both.slice(0, 1), 1000)).rejects.toMatchObject({ hadNoEffect: true });
  await expect(live.put(both, 1000)).rejects.toMatchObject({ hadNoEffect: false });
});

it('does not call a stream for which it has nothing', async () => {
  const other = new MemoryEventStream();

  await new DividedEventStream({ live: other, late: refusing }).put([recordOf(false, 'a')], 1000);
  await new DividedEventStream({ live: refusing, late: other }).put([recordOf(true, 'b')], 1000);

  expect(textsOf(other)).toEqual(['a', 'b']);
});

it('gives both the same deadline', async () => {
  const deadlines: number[] = [];
  const stream = { put: async (_: unknown, deadlineMs: number) => void deadlines.push(deadlineMs) };

  await new DividedEventStream({ live: stream, late: stream }).put(
    [recordOf(false, 'a'), recordOf(true, 'b')],
    7,
  );

  expect(deadlines).toEqual([7, 7]);
});
