import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryFailedRecords } from '../../../adapters/quarantine/memory-failed-records.ts';
import { BucketUnavailable, S3FailedRecords } from '../../../adapters/quarantine/s3-failed-records.ts';
import { systemClock } from '../../../adapters/system/clock-and-random.ts';
import { lambdaPrefix, payloadName, unreadableName, unreadablePrefix } from '../../../domain/keys.ts';
import type { FailedRecords } from '../../../domain/quarantine/port.ts';
import { secondMs } from '../../../domain/system/time.ts';
import { startBuckets, type TestBuckets } from '../../support/buckets.ts';

let buckets: TestBuckets;
beforeAll(async () => {
  buckets = await startBuckets();
});
afterAll(() => buckets.end());

/** Names are unique to each test, because suites share the bucket. */
let tenant = { account: 'acme', environment: 'production', generation: 0 };
let run = 0;
beforeEach(() => {
  run += 1;
  tenant = { account: `acme-${run}`, environment: 'production', generation: 0 };
});
const name = (record = 'batch.0') => payloadName(tenant, record);
const prefix = () => payloadName(tenant, '');
const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7) % 256);
const plain = (data: Uint8Array | undefined) => data && [...data];

describe.each<[string, () => FailedRecords]>([
  ['memory', () => new MemoryFailedRecords(systemClock)],
  ['S3', () => new S3FailedRecords(buckets.options)],
])('failed records in %s', (_, create) => {
  it.each([0, 1, 300, 1_048_576])('are read as they were put: %d bytes', async (length) => {
    const records = create();

    await records.put(name(), bytes(length));

    expect(Buffer.compare((await records.get(name())) ?? bytes(7), bytes(length))).toBe(0);
  });

  it('do not change when the caller changes its bytes later', async () => {
    const records = create();
    const given = bytes(3);
    await records.put(name(), given);
    given.fill(9);
    (await records.get(name()))?.fill(9);

    expect(plain(await records.get(name()))).toEqual([...bytes(3)]);
  });

  it('are replaced by a later put under the same name', async () => {
    const records = create();
    await records.put(name(), bytes(3));
    await records.put(name(), bytes(5));

    expect(plain(await records.get(name()))).toEqual([...bytes(5)]);
  });

  it('are undefined if there is no such object', async () => {
    expect(await create().get(name())).toBeUndefined();
  });

  it('are gone once removed, and removing a missing object is no failure', async () => {
    const records = create();
    await records.put(name(), bytes(3));
    await records.put(name('another.0'), bytes(3));

    await records.remove(name());
    await records.remove(name());

    expect(await records.get(name())).toBeUndefined();
    expect(plain(await records.get(name('another.0')))).toEqual([...bytes(3)]);
  });

  it('are listed by prefix with size and time', async () => {
    const records = create();
    const beforeMs = Date.now();
    await records.put(name('b.0'), bytes(3));
    await records.put(name('a.0'), bytes(5));
    await records.put(payloadName({ ...tenant, environment: 'staging' }, 'a.0'), bytes(7));

    const listed = await Array.fromAsync(records.list(prefix()));

    expect(listed.map(({ name, bytes }) => [name, bytes])).toEqual([
      [name('a.0'), 5],
      [name('b.0'), 3],
    ]);
    for (const { storedAtMs } of listed) {
      expect(storedAtMs).toBeGreaterThan(beforeMs - secondMs);
      expect(storedAtMs).toBeLessThan(Date.now() + secondMs);
    }
  });

  it('hold unreadable records and dead letters under names of their own', async () => {
    const records = create();
    const deadLetter = `${lambdaPrefix}mapping-${run}/shardId-0/2026-11-21T10.25.00-b c+d&e`;
    await records.put(deadLetter, bytes(1));
    await records.put(unreadableName(String(run)), bytes(2));

    const listed = await Array.fromAsync(records.list(unreadableName(String(run))));

    expect(listed.map(({ name }) => name)).toEqual([`${unreadablePrefix}${run}`]);
    expect((await Array.fromAsync(records.list(lambdaPrefix))).map(({ name }) => name)).toEqual([deadLetter]);
    expect(plain(await records.get(deadLetter))).toEqual([...bytes(1)]);
    await records.remove(deadLetter);
  });

  it('are none under a prefix without objects', async () => {
    expect(await Array.fromAsync(create().list(prefix()))).toEqual([]);
  });
});

const calls: [string, (records: FailedRecords) => Promise<unknown>][] = [
  ['put', (records) => records.put(name(), bytes(1))],
  ['get', (records) => records.get(name())],
  ['remove', (records) => records.remove(name())],
  ['list', (records) => Array.fromAsync(records.list(prefix()))],
];

describe.each(calls)('%s', (_, call) => {
  it('is unavailable if the bucket does not exist', async () => {
    const nowhere = new S3FailedRecords({ ...buckets.options, bucket: 'nowhere' });

    await expect(call(nowhere)).rejects.toThrow(BucketUnavailable);
    await expect(call(nowhere)).rejects.toThrow(/NoSuchBucket/);
  });

  it('is unavailable if the bucket does not answer', async () => {
    const { options } = buckets;
    const timeouts = { ...options.timeouts, maxAttempts: 1 };
    const connection = { ...options.connection, endpoint: 'http://127.0.0.1:1' };
    const away = new S3FailedRecords({ ...options, timeouts, connection });

    await expect(call(away)).rejects.toThrow(BucketUnavailable);
  });
});
