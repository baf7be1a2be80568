import { describe, expect, it } from 'vitest';
import type { RequestLine } from '../../../domain/operations/port.ts';
import { startOperator } from './operator-fixture.ts';

const request = (parts: Partial<RequestLine>): RequestLine => ({
  ...{ status: '202', method: 'POST', route: '/v1/events', accountId: 'acme', keyId: 'k1' },
  ...{
    responseType: '-',
    ip: '198.51.100.1',
    atMs: 0,
    latencyMs: 20,
    authorizerMs: 3,
    integrationMs: 12,
    ...parts,
  },
});

describe('weir logs', () => {
  it('shows warnings and errors with what they say, and all lines if asked for', async () => {
    const { weir, operations, clock } = startOperator();
    operations.lines.set('consume', [
      { atMs: clock.nowMs - 60_000, level: 'ERROR', message: 'a lane is refused', fields: { lane: 'a#b' } },
      { atMs: clock.nowMs - 30_000, level: 'INFO', message: 'stored', fields: {} },
      { atMs: clock.nowMs - 3_600_000, level: 'ERROR', message: 'long ago', fields: {} },
    ]);

    const { out } = await weir('logs', '--function', 'consume');
    expect(out).toMatch(/ERROR {2}a lane is refused\n {2}\{"lane":"a#b"\}/);
    expect(out).not.toMatch(/stored|long ago/);
    const { out: all } = await weir('logs', '--function', 'consume', '--all', '--since', '2h', '--json');
    expect(JSON.parse(all).lines.map(({ message }: { message: string }) => message)).toEqual([
      'a lane is refused',
      'stored',
      'long ago',
    ]);
  });

  it('says that there is none, and refuses what is no function', async () => {
    const { weir } = startOperator();

    expect((await weir('logs', '--function', 'read')).out).toContain('read logged no warning and no error.');
    expect(await weir('logs', '--function', 'reed')).toMatchObject({ code: 2 });
  });
});

describe('weir requests', () => {
  it('counts the requests of the access log by what tells them apart, the most first', async () => {
    const { weir, operations } = startOperator();
    operations.answered.push(
      request({ status: '503', responseType: 'AUTHORIZER_FAILURE', accountId: '-' }),
      ...Array.from({ length: 3 }, (_, index) => request({ status: '503', latencyMs: 100 * index })),
      request({}),
    );

    const { out } = await weir('requests', '--status', '5');
    const [, first, second] = out.split('\n');
    expect(first).toMatch(/^ +3 +503 +- +\/v1\/events +acme +100 +200 +3 +12$/);
    expect(second).toMatch(/^ +1 +503 +AUTHORIZER_FAILURE/);
    const { out: byKey } = await weir('requests', '--by', 'key', 'address', '--json');
    expect(JSON.parse(byKey)).toMatchObject({
      requests: 5,
      groups: [{ key: 'k1', address: '198.51.100.1', requests: 5 }],
    });
  });

  it('says so if there is none, and refuses what is no status', async () => {
    const { weir } = startOperator();

    expect((await weir('requests', '--status', '504')).out).toContain('no such request');
    expect(await weir('requests', '--status', '5xx')).toMatchObject({
      code: 2,
      err: expect.stringContaining('5, 429'),
    });
  });
});

describe('weir metrics', () => {
  it('shows the figures of a function by the time, with those of what polls for a consumer', async () => {
    const { weir, operations, clock } = startOperator();
    operations.measured.set('ERRORS', new Map([[clock.nowMs, 2]]));
    operations.measured.set('AGE MS', new Map([[clock.nowMs - 300_000, 61_000.123]]));

    const { out } = await weir('metrics', '--function', 'consume');
    const [heading, first, second] = out.split('\n');
    expect(heading).toMatch(/^FROM \(UTC\) +INVOKED +ERRORS +THROTTLED .* AGE MS +POLLED/);
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d +- +- .* 61000.12 /);
    expect(second).toMatch(/^\S+ \S+ +- +2 /);
    expect(operations.asked.flatMap(({ series }) => series)).toContainEqual({
      ...{ namespace: 'AWS/Lambda', name: 'DroppedEventCount' },
      dimensions: { EventSourceMappingUUID: 'mapping-1' },
    });
  });

  it('shows what a function publishes itself, for all tiers together', async () => {
    const { weir, operations, clock } = startOperator();
    operations.measured.set('shedRequests', new Map([[clock.nowMs, 7]]));

    const { out } = await weir('metrics', '--function', 'ingest', '--name', 'shedRequests', '--json');
    expect(JSON.parse(out)).toMatchObject({ function: 'ingest', points: [{ shedRequests: 7 }] });
    expect(operations.asked[0]?.series).toContainEqual({
      ...{ namespace: 'Weir/dev', name: 'shedRequests' },
      dimensions: { endpoint: 'ingest', tier: 'enterprise' },
    });
    expect((await weir('metrics', '--function', 'report')).out).toContain('Nothing was measured of report');
  });

  it('shows each table and each stream over the whole time', async () => {
    const { weir, operations, clock } = startOperator();
    operations.measured.set(
      'WRITES THROTTLED',
      new Map([
        [clock.nowMs, 2],
        [clock.nowMs - 300_000, 3],
      ]),
    );

    expect((await weir('metrics', '--tables')).out).toMatch(/^ledger +- +5 +- +-$/m);
    const { out } = await weir('metrics', '--streams', '--json');
    expect(JSON.parse(out).each.map(({ name }: { name: string }) => name)).toEqual(['standard', 'late']);
  });

  it.each([
    [[], '--function'],
    [['--tables', '--streams'], '--function'],
    [['--tables', '--name', 'heldRecords'], '--function'],
    [['--function', 'consume', '--name', 'acceptedEvents'], 'heldRecords'],
    [['--function', 'tally', '--name', 'heldRecords'], 'leave --name out'],
  ])('refuses %j, and says what to give', async (argv, next) => {
    const { weir } = startOperator();

    expect(await weir('metrics', ...argv)).toMatchObject({ code: 2, err: expect.stringContaining(next) });
  });
});

describe('weir consumer', () => {
  it('stops and starts a consumer, which consumers shows', async () => {
    const { weir } = startOperator();

    await weir('consumer', 'stop', '--consumer', 'consume');
    expect((await weir('consumers')).out).toMatch(/consume +Disabled +OK +2 +- +48 h/);
    await weir('consumer', 'start', '--consumer', 'consume');
    expect(JSON.parse((await weir('consumers', '--json')).out).consumers).toMatchObject([
      { consumer: 'consume', state: 'Enabled', max_age_seconds: 172_800, reserved: null },
    ]);
  });

  it('set prints the way back, which leads back', async () => {
    const { weir, operations } = startOperator();
    const before = operations.states.get('consume');

    const { out } = await weir(
      ...['consumer', 'set', '--consumer', 'consume', '--parallel', '10', '--oldest-record-hours', '96'],
    );
    expect(operations.states.get('consume')).toMatchObject({ parallelization: 10, maxAgeSeconds: 345_600 });
    // Lambda refuses a second change until the first one is in force.
    expect(operations.changes).toEqual([{ parallelization: 10, maxAgeSeconds: 345_600 }]);
    const back = /The way back: weir (.*)/.exec(out)?.[1]?.trim().split(' ') ?? [];
    await weir(...back);

    expect(operations.states.get('consume')).toEqual(before);
  });

  it.each([
    [['--parallel', '11'], 2, 'from 1 to 10'],
    [['--oldest-record-hours', 'x'], 2, 'from 1 to 168'],
    [[], 2, 'nothing to set'],
  ])('set refuses %j', async (argv, code, message) => {
    const { weir } = startOperator();

    expect(await weir('consumer', 'set', '--consumer', 'consume', ...argv)).toMatchObject({
      code,
      err: expect.stringContaining(message),
    });
  });

  it('set says so if the stage has no such consumer', async () => {
    const { weir } = startOperator();

    expect(await weir('consumer', 'set', '--consumer', 'consume-late', '--parallel', '2')).toMatchObject({
      code: 1,
      err: expect.stringContaining('weir consumers lists'),
    });
  });
});

describe('weir concurrency', () => {
  it('shows and sets the reserved instances of a function, and prints the way back', async () => {
    const { weir, operations } = startOperator();
    const ofIngest = (...argv: string[]) => weir('concurrency', '--function', 'ingest', ...argv);

    expect((await ofIngest()).out).toContain('ingest reserves nothing.');
    expect((await ofIngest('--reserve', '350')).out).toContain(
      'The way back: weir concurrency --function ingest --unreserve',
    );
    expect((await ofIngest('--unreserve')).out).toContain('--reserve 350');
    expect(operations.reserved.size).toBe(0);
    expect(await ofIngest('--reserve', '1', '--unreserve')).toMatchObject({ code: 2 });
    expect(await ofIngest('--reserve', '-1')).toMatchObject({ code: 2 });
  });
});
