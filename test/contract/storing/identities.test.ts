import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoIdentities } from '../../../adapters/storing/dynamodb-identities.ts';
import { MemoryIdentities } from '../../../adapters/storing/memory-identities.ts';
import { identityKey } from '../../../domain/keys.ts';
import type { RecordId } from '../../../domain/record/record-id.ts';
import type { IdentityClaim } from '../../../domain/storing/identity.ts';
import { pagePointer, planPages } from '../../../domain/storing/pages.ts';
import type { Identities } from '../../../domain/storing/port.ts';
import { events } from '../../support/events.ts';
import { leavingUndone } from '../../support/left-undone.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
let run = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  run += 1;
});

/** Keys are unique to each test, because suites share the tables. */
function claim(id: string, record: RecordId, overrides: Partial<IdentityClaim> = {}): IdentityClaim {
  const [page] = planPages({ tenant, slot: 0, record, layout: 1 }, events(1));
  return {
    key: identityKey(tenant, `${run}-${id}`),
    record,
    page: pagePointer(0, page?.sk ?? ''),
    digest: Uint8Array.from({ length: 16 }, (_, index) => index),
    receivedAtMs: 1000,
    untilMs: 2000,
    expiresAtMs: 3000,
    ...overrides,
  };
}
const ids = (count: number) => Array.from({ length: count }, (_, index) => `id-${index}`);

describe.each<[string, () => Identities]>([
  ['memory', () => new MemoryIdentities()],
  ['DynamoDB', () => new DynamoIdentities(tables.table('identities'))],
])('identities in %s', (_, create) => {
  it('are claimed by the first record, any number of them, with results in order', async () => {
    const identities = create();
    await identities.claim([claim('id-3', 'other.0')]);

    const results = await identities.claim(ids(130).map((id) => claim(id, 'b.0')));

    expect(results.map(({ outcome }) => outcome)).toEqual(
      ids(130).map((id) => (id === 'id-3' ? 'held' : 'claimed')),
    );
  });

  it('are held for a second record, which gets the holder with its digest and page', async () => {
    const identities = create();
    const first = claim('a', 'first.0');
    await identities.claim([first]);

    const [result] = await identities.claim([claim('a', 'second.0', { digest: new Uint8Array(16) })]);

    const { record, page, untilMs } = first;
    expect(result).toMatchObject({ outcome: 'held', by: { record, page, untilMs } });
    const digest = result?.outcome === 'held' ? result.by.digest : new Uint8Array();
    expect(Buffer.from(digest)).toEqual(Buffer.from(first.digest));
  });

  it('are held by the record itself if it claims them again', async () => {
    const identities = create();
    await identities.claim([claim('a', 'b.0')]);

    expect(await identities.claim([claim('a', 'b.0')])).toMatchObject([
      { outcome: 'held', by: { record: 'b.0' } },
    ]);
  });

  it('are taken over only by a record received after their time (R4)', async () => {
    const identities = create();
    await identities.claim([claim('a', 'first.0', { untilMs: 2000 })]);

    const atTheTime = await identities.claim([claim('a', 'second.0', { receivedAtMs: 2000, untilMs: 9000 })]);
    const after = await identities.claim([claim('a', 'third.0', { receivedAtMs: 2001, untilMs: 9000 })]);
    const afterThat = await identities.claim([claim('a', 'fourth.0', { receivedAtMs: 2002, untilMs: 9000 })]);

    expect(atTheTime).toMatchObject([{ outcome: 'held', by: { record: 'first.0' } }]);
    expect(after).toEqual([{ outcome: 'claimed' }]);
    expect(afterThat).toMatchObject([{ outcome: 'held', by: { record: 'third.0' } }]);
  });

  it('have one winner when many records claim at once', async () => {
    const identities = create();

    const results = await Promise.all(
      ids(8).map((record) => identities.claim([claim('contested', `${record}.0`)])),
    );

    expect(results.flat().filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  });

  it('are taken over by only one of many records that claim after their time', async () => {
    const identities = create();
    await identities.claim([claim('a', 'first.0', { untilMs: 2000 })]);

    const results = await Promise.all(
      ids(8).map((record) =>
        identities.claim([claim('a', `${record}.0`, { receivedAtMs: 2001, untilMs: 9000 })]),
      ),
    );

    expect(results.flat().filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  });

  it('are free after the time to which they are released, and held until then', async () => {
    const identities = create();
    const held = ids(30).map((id) => claim(id, 'first.0', { untilMs: 5000 }));
    await identities.claim(held);

    await identities.release(held, 3000);

    const second = (receivedAtMs: number) =>
      identities.claim(ids(30).map((id) => claim(id, 'second.0', { receivedAtMs, untilMs: 9000 })));
    expect(await second(3000)).toEqual(
      Array(30).fill({ outcome: 'held', by: expect.objectContaining({ record: 'first.0', untilMs: 3000 }) }),
    );
    expect(await second(3001)).toEqual(Array(30).fill({ outcome: 'claimed' }));
  });

  it('are released only by their holder, and not by an earlier one', async () => {
    const identities = create();
    const first = claim('a', 'first.0', { untilMs: 2000 });
    const third = claim('b', 'third.0', { untilMs: 9000 });
    await identities.claim([first, third]);
    await identities.claim([claim('a', 'second.0', { receivedAtMs: 2001, untilMs: 9000 })]);

    await identities.release([first, claim('b', 'first.0')], 1000);
    await identities.release([claim('b', 'third.0', { page: 'another page' })], 1000);

    expect(
      await identities.claim([claim('a', 'x.0', { receivedAtMs: 5000 }), claim('b', 'x.0')]),
    ).toMatchObject([
      { outcome: 'held', by: { record: 'second.0', untilMs: 9000 } },
      { outcome: 'held', by: { record: 'third.0', untilMs: 9000 } },
    ]);
  });

  it('are not held for longer by a second release', async () => {
    const identities = create();
    const first = claim('a', 'first.0', { untilMs: 5000 });
    await identities.claim([first]);
    await identities.release([first], 3000);

    await identities.release([first], 4000);

    expect(await identities.claim([claim('a', 'second.0', { receivedAtMs: 3001 })])).toEqual([
      { outcome: 'claimed' },
    ]);
  });

  it('are not created by a release', async () => {
    const identities = create();

    await identities.release([claim('a', 'first.0')], 9000);

    expect(await identities.claim([claim('a', 'second.0')])).toEqual([{ outcome: 'claimed' }]);
  });

  it('refuse a call that names a key twice', async () => {
    await expect(create().claim([claim('a', 'b.0'), claim('a', 'b.0')])).rejects.toThrow();
  });
});

it('ids that the table takes in no try are undecided, and the others are claimed', async () => {
  const identities = new DynamoIdentities(tables.table('identities'));
  const claims = ids(60).map((id) => claim(id, 'b.0'));

  const results = await leavingUndone(tables.client, `${run}-id-7"`, () => identities.claim(claims));

  expect(results.map(({ outcome }) => outcome)).toEqual(
    ids(60).map((id) => (id === 'id-7' ? 'undecided' : 'claimed')),
  );
  expect(await identities.claim(claims.slice(6, 9))).toMatchObject([
    { outcome: 'held' },
    { outcome: 'claimed' },
    { outcome: 'held' },
  ]);
});
