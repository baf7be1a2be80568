import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, expect, it } from 'vitest';
import type { Announcement } from '../../../../domain/accounts/announcements.ts';
import type { PutOutcome } from '../../../../domain/accounts/port.ts';
import { createAnnounce } from '../../../../lambdas/announce/announce.ts';

/** What comes of each announcement, by its id; `put` where nothing is said. */
let outcomes: Record<string, PutOutcome>;
let calls: string[][];
let errors: object[];
beforeEach(() => {
  outcomes = {};
  calls = [];
  errors = [];
});

const announce = (ids: readonly string[]) =>
  createAnnounce({
    bus: {
      put: async (announcements) => {
        const all = announcements.map(({ detail }) => detail.id);
        calls.push(all);
        return all.map((id) => outcomes[id] ?? 'put');
      },
    },
    announcementOf: (image) => {
      const { id } = image as { readonly id: string };
      if (id === 'broken') throw new TypeError('no such item');
      return id === 'other' ? undefined : ({ type: 'key.created', atMs: 0, detail: { id } } as Announcement);
    },
    logger: { error: (_message, ...fields) => void errors.push(fields[0] as object) },
  })({
    Records: ids.map((id, index) => ({
      dynamodb: { SequenceNumber: String(index), NewImage: { id } },
    })) as unknown as DynamoDBRecord[],
  });
const failures = async (ids: readonly string[]) =>
  (await announce(ids)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

it('a batch is put in one call, in its order', async () => {
  expect(await failures(['a', 'other', 'b'])).toEqual([]);
  expect(calls).toEqual([['a', 'b']]);
});

it('a batch of nothing to announce calls nothing', async () => {
  expect(await failures(['other'])).toEqual([]);
  expect(calls).toEqual([]);
});

it('a batch goes on from the first that failed', async () => {
  outcomes = { b: 'failed', c: 'put', d: 'failed' };

  expect(await failures(['a', 'b', 'c', 'd'])).toEqual(['1']);
});

it('what the bus would never take, and what cannot be read, is logged and holds up nobody', async () => {
  outcomes = { a: 'refused' };

  expect(await failures(['a', 'broken', 'b'])).toEqual([]);
  expect(calls).toEqual([['a', 'b']]);
  expect(errors).toEqual([
    expect.objectContaining({ sequenceNumber: '1' }),
    { type: 'key.created', id: 'a' },
  ]);
});
