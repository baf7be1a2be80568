import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linkLimits } from '../../../adapters/storing/claim-in-logs.ts';
import { divideIdentities } from '../../../adapters/storing/divided-identities.ts';
import { DynamoClaimLogs } from '../../../adapters/storing/dynamodb-claim-logs.ts';
import { DynamoIdentities } from '../../../adapters/storing/dynamodb-identities.ts';
import { KnownLogs } from '../../../adapters/storing/known-logs.ts';
import { MemoryClaimLogs } from '../../../adapters/storing/memory-claim-logs.ts';
import { MemoryIdentities } from '../../../adapters/storing/memory-identities.ts';
import { identityKey } from '../../../domain/keys.ts';
import { type RecordId, recordId } from '../../../domain/record/record-id.ts';
import type { IdentityClaim } from '../../../domain/storing/identity.ts';
import { pagePointer, planPages } from '../../../domain/storing/pages.ts';
import type { ClaimLogs, Identities } from '../../../domain/storing/port.ts';
import { TestClock } from '../../support/clock.ts';
import { events } from '../../support/events.ts';
import { leavingUndone } from '../../support/left-undone.ts';
import { noPause, startTables, type TestTables } from '../../support/tables.ts';

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

type Kind = 'random' | 'of a time' | 'of a batch';

const numberOf = (name: string): number => (/^\d+$/.test(name) ? Number(name) : 1000 + name.charCodeAt(0));
/** Each test has its own, because suites share the tables. Those of a time and of a batch are in one log. */
const idOf: Readonly<Record<Kind, (name: string) => string>> = {
  random: (name) => `${run}-${name}`,
  'of a time': (name) =>
    `${String(run).padStart(8, '0')}-0000-7000-8000-${numberOf(name).toString(16).padStart(12, '0')}`,
  'of a batch': (name) => `${String(run).padStart(22, '-')}~${numberOf(name)}`,
};

/** As ingest makes it. */
const recordNamed = (name: string): RecordId =>
  recordId(Buffer.from(name.padEnd(15, '-')).toString('base64url'), 0);

function claimOf(kind: Kind, id: string, by: string, overrides: Partial<IdentityClaim> = {}): IdentityClaim {
  const record = recordNamed(by);
  const [page] = planPages({ tenant, slot: 3, record, layout: 1 }, events(1));
  return {
    key: identityKey(tenant, idOf[kind](id)),
    record,
    page: pagePointer(3, page?.sk ?? ''),
    digest: Uint8Array.from({ length: 8 }, (_, index) => index),
    receivedAtMs: 1000,
    untilMs: 2000,
    expiresAtMs: 3000,
    ...overrides,
  };
}
const ids = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

type Store = { readonly singly: Identities; readonly logs: ClaimLogs };
const memory = { singly: new MemoryIdentities(), logs: new MemoryClaimLogs() };
const stores: Readonly<Record<string, () => Store>> = {
  memory: () => memory,
  DynamoDB: () => ({
    singly: new DynamoIdentities(tables.table('identities')),
    logs: new DynamoClaimLogs(tables.table('claimLogs')),
  }),
};
const kinds: readonly Kind[] = ['random', 'of a time', 'of a batch'];
const cases = Object.entries(stores).flatMap(([name, store]) =>
  kinds.map((kind) => [kind, name, store] as const),
);

const clock = new TestClock(1000);

describe.each(cases)('identities of ids that are %s, in %s', (kind, _, store) => {
  const claim = (id: string, by: string, overrides?: Partial<IdentityClaim>) =>
    claimOf(kind, id, by, overrides);
  const withLimits = (links: number, most: number) =>
    divideIdentities({
      ...store(),
      known: new KnownLogs(),
      limits: { ...linkLimits, links, ids: most },
      clock,
      pause: noPause,
    });
  const instance = () => withLimits(20, 50);

  it('are claimed by the first record, any number of them, with results in order', async () => {
    const identities = instance();
    await identities.claim([claim('3', 'other')]);

    const results = await identities.claim(ids(130).map((id) => claim(id, 'b')));

    expect(results.map(({ outcome }) => outcome)).toEqual(
      ids(130).map((id) => (id === '3' ? 'held' : 'claimed')),
    );
  });

  it('are held for a second record, which gets the holder with its digest and page', async () => {
    const identities = instance();
    const first = claim('a', 'first');
    await identities.claim([first]);

    const [result] = await identities.claim([claim('a', 'second', { digest: new Uint8Array(8) })]);

    const { record, page, untilMs } = first;
    expect(result).toMatchObject({ outcome: 'held', by: { record, page, untilMs } });
    const digest = result?.outcome === 'held' ? result.by.digest : new Uint8Array();
    expect(Buffer.from(digest)).toEqual(Buffer.from(first.digest));
  });

  it('are held by the record itself if it claims them again', async () => {
    const identities = instance();
    await identities.claim([claim('a', 'b')]);

    expect(await identities.claim([claim('a', 'b')])).toMatchObject([
      { outcome: 'held', by: { record: recordNamed('b') } },
    ]);
  });

  it('are taken over only by a record received after their time (R4)', async () => {
    const identities = instance();
    await identities.claim([claim('a', 'first', { untilMs: 2000 })]);

    const atTheTime = await identities.claim([claim('a', 'second', { receivedAtMs: 2000, untilMs: 9000 })]);
    const after = await identities.claim([claim('a', 'third', { receivedAtMs: 2001, untilMs: 9000 })]);
    const afterThat = await identities.claim([claim('a', 'fourth', { receivedAtMs: 2002, untilMs: 9000 })]);

    expect(atTheTime).toMatchObject([{ outcome: 'held', by: { record: recordNamed('first') } }]);
    expect(after).toEqual([{ outcome: 'claimed' }]);
    expect(afterThat).toMatchObject([{ outcome: 'held', by: { record: recordNamed('third') } }]);
  });

  it('have one winner when many records claim at once', async () => {
    const identities = instance();

    const results = await Promise.all(ids(8).map((record) => identities.claim([claim('contested', record)])));

    expect(results.flat().filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  });

  it('are taken over by only one of many records that claim after their time', async () => {
    const identities = instance();
    await identities.claim([claim('a', 'first', { untilMs: 2000 })]);

    const results = await Promise.all(
      ids(8).map((record) => identities.claim([claim('a', record, { receivedAtMs: 2001, untilMs: 9000 })])),
    );

    expect(results.flat().filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
  });

  it('are free after the time to which they are released, and held until then', async () => {
    const identities = instance();
    const held = ids(30).map((id) => claim(id, 'first', { untilMs: 5000 }));
    await identities.claim(held);

    await identities.release(held, 3000);

    const second = (receivedAtMs: number) =>
      identities.claim(ids(30).map((id) => claim(id, 'second', { receivedAtMs, untilMs: 9000 })));
    expect(await second(3000)).toEqual(
      Array(30).fill({
        outcome: 'held',
        by: expect.objectContaining({ record: recordNamed('first'), untilMs: 3000 }),
      }),
    );
    expect(await second(3001)).toEqual(Array(30).fill({ outcome: 'claimed' }));
  });

  it('are released only by their holder, and not by an earlier one', async () => {
    const identities = instance();
    const first = claim('a', 'first', { untilMs: 2000 });
    const third = claim('b', 'third', { untilMs: 9000 });
    await identities.claim([first, third]);
    await identities.claim([claim('a', 'second', { receivedAtMs: 2001, untilMs: 9000 })]);

    await identities.release([first, claim('b', 'first')], 1000);

    expect(await identities.claim([claim('a', 'x', { receivedAtMs: 5000 }), claim('b', 'x')])).toMatchObject([
      { outcome: 'held', by: { record: recordNamed('second'), untilMs: 9000 } },
      { outcome: 'held', by: { record: recordNamed('third'), untilMs: 9000 } },
    ]);
  });

  it('are not held for longer by a second release', async () => {
    const identities = instance();
    const first = claim('a', 'first', { untilMs: 5000 });
    await identities.claim([first]);
    await identities.release([first], 3000);

    await identities.release([first], 4000);

    expect(await identities.claim([claim('a', 'second', { receivedAtMs: 3001 })])).toEqual([
      { outcome: 'claimed' },
    ]);
  });

  it('are not created by a release', async () => {
    const identities = instance();

    await identities.release([claim('a', 'first')], 9000);

    expect(await identities.claim([claim('a', 'second')])).toEqual([{ outcome: 'claimed' }]);
  });

  it('refuse a call that names a key twice', async () => {
    await expect(instance().claim([claim('a', 'b'), claim('a', 'b')])).rejects.toThrow();
  });
});

it('ids that the table takes in no try are undecided, and the others are claimed', async () => {
  const identities = new DynamoIdentities(tables.table('identities'));
  const claims = ids(60).map((id) => claimOf('random', id, 'b'));

  const results = await leavingUndone(tables.client, `${run}-7"`, () => identities.claim(claims));

  expect(results.map(({ outcome }) => outcome)).toEqual(
    ids(60).map((id) => (id === '7' ? 'undecided' : 'claimed')),
  );
  expect(await identities.claim(claims.slice(6, 9))).toMatchObject([
    { outcome: 'held' },
    { outcome: 'claimed' },
    { outcome: 'held' },
  ]);
});
