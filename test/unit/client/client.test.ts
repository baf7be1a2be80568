import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemEnvironment } from '../../../client/src/environment.ts';
import { type Dropped, Weir, type WeirOptions } from '../../../client/src/index.ts';
import { retryAfterMs } from '../../../client/src/outcome.ts';
import { eventually } from '../../support/eventually.ts';

type Seen = { readonly headers: IncomingHttpHeaders; readonly text: string; readonly atMs: number };

let server: Server;
let url = '';
let seen: Seen[] = [];
let answer: (response: ServerResponse, request: Seen, attempt: number) => void;

const accept = (response: ServerResponse, { text }: Pick<Seen, 'text'>) =>
  response
    .writeHead(202)
    .end(JSON.stringify({ batch_id: 'b', accepted: JSON.parse(text).length, rejected: [], receipt: '' }));
const refuse = (response: ServerResponse, status: number, headers = {}) =>
  response.writeHead(status, headers).end(JSON.stringify({ status, code: `code_${status}` }));

beforeEach(async () => {
  seen = [];
  answer = accept;
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const isGzip = request.headers['content-encoding'] === 'gzip';
    const text = (isGzip ? gunzipSync(body) : body).toString();
    seen.push({ headers: request.headers, text, atMs: performance.now() });
    answer(response, { headers: request.headers, text, atMs: 0 }, seen.length);
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const start = (options: Partial<WeirOptions> = {}) => {
  const dropped: Dropped[] = [];
  const weir = new Weir({
    url,
    key: 'k',
    retryBaseMs: 5,
    onDropped: (each) => dropped.push(each),
    ...options,
  });
  return { weir, dropped };
};
const countOf = ({ text }: Seen) => JSON.parse(text).length;

describe('a batch', () => {
  it('goes when it has 100 events, and the rest 500 ms after its first', async () => {
    const { weir } = start();
    for (let index = 0; index < 130; index += 1) weir.track({ type: 'order' });

    await eventually(
      async () => seen,
      (requests) => requests.length === 1,
    );
    expect(countOf(seen[0] as Seen)).toBe(100);
    await eventually(
      async () => seen,
      (requests) => requests.length === 2,
    );
    expect(countOf(seen[1] as Seen)).toBe(30);
    await weir.close();
  });

  it('goes before it exceeds its bytes', async () => {
    const { weir } = start({ maxBatchBytes: 1000 });
    for (let index = 0; index < 30; index += 1)
      weir.track({ type: 'order', metadata: { note: 'ä'.repeat(100) } });
    await weir.close();

    expect(seen.length).toBeGreaterThan(5);
    for (const { text } of seen) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1000);
  });

  it('is compressed where that pays, and says when it is sent', async () => {
    const { weir } = start();
    for (let index = 0; index < 50; index += 1) weir.track({ type: 'order' });
    await weir.flush();
    weir.track({ type: 'order', event_id: 'mine', timestamp: new Date(0) });
    await weir.close();

    expect(seen.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined]);
    for (const { headers } of seen)
      expect(Math.abs(Number(headers['x-weir-sent-at']) - Date.now())).toBeLessThan(60_000);
    expect(JSON.parse(seen[1]?.text ?? '')).toEqual([
      { type: 'order', event_id: 'mine', timestamp: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('keeps its bytes and its key when it is sent again, and others have keys of their own', async () => {
    answer = (response, request, attempt) =>
      attempt < 3 ? refuse(response, 503) : accept(response, request);
    const { weir } = start();
    weir.track({ type: 'first' });
    await weir.flush();
    weir.track({ type: 'second' });
    await weir.close();

    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys.slice(0, 3)).size).toBe(1);
    expect(new Set(seen.slice(0, 3).map(({ text }) => text)).size).toBe(1);
    expect(keys[3]).not.toBe(keys[0]);
  });

  it('waits as long as Retry-After says', async () => {
    answer = (response, request, attempt) =>
      attempt === 1 ? refuse(response, 429, { 'retry-after': '1' }) : accept(response, request);
    const { weir } = start();
    weir.track({ type: 'order' });
    await weir.close();

    expect(Number(seen[1]?.atMs) - Number(seen[0]?.atMs)).toBeGreaterThanOrEqual(990);
  });

  it('is sent again when its answer takes too long', async () => {
    answer = (response, request, attempt) => {
      if (attempt > 1) accept(response, request);
    };
    const { weir } = start({ requestTimeoutMs: 50 });
    weir.track({ type: 'order' });

    expect(await weir.close()).toMatchObject({ accepted: 1, dropped: 0 });
  });
});

it('each attempt is signed anew, over the same body', async () => {
  answer = (response, request, attempt) => (attempt < 3 ? refuse(response, 503) : accept(response, request));
  let signed = 0;
  const { weir } = start({ sign: async (body) => ({ 'x-weir-signature': `${++signed} ${body.length}` }) });
  weir.track({ type: 'order' });
  await weir.close();

  const length = seen[0]?.text.length;
  expect(seen.map(({ headers }) => headers['x-weir-signature'])).toEqual(
    [1, 2, 3].map((n) => `${n} ${length}`),
  );
});

it.each([401, 403, 404, 415])('what is refused with %i is reported with its events', async (status) => {
  answer = (response) => refuse(response, status);
  const { weir, dropped } = start();
  weir.track({ type: 'order', timestamp: 1 });
  await weir.close();

  expect(dropped).toEqual([
    {
      ...{ reason: 'refused', mayBeStored: false, events: [{ type: 'order', timestamp: 1 }] },
      refusal: { status, code: `code_${status}` },
    },
  ]);
});

describe('track', () => {
  it('never throws, whatever it gets, and whatever callbacks do', async () => {
    const { weir, dropped } = start();
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    const unfit = [
      { type: 'order', metadata: circle },
      { type: 'order', value: 1n },
      null,
      undefined,
    ] as never[];
    for (const event of unfit) expect(() => weir.track(event)).not.toThrow();
    expect(dropped.map(({ reason }) => reason)).toEqual(unfit.map(() => 'not_json'));
    await weir.close();
    weir.track({ type: 'order' });
    expect(dropped.at(-1)).toMatchObject({ reason: 'closed' });
  });

  it('drops an event that no batch can hold', async () => {
    const { weir, dropped } = start();
    weir.track({ type: 'order', metadata: { note: 'x'.repeat(500_000) } });

    expect(dropped).toMatchObject([{ reason: 'too_large' }]);
    await weir.close();
  });

  it.each([
    ['drop-newest' as const, ['e-5'], 'e-0'],
    ['drop-oldest' as const, ['e-0', 'e-1'], 'e-2'],
  ])('drops by the policy %s when the queue is full, and counts it', async (whenFull, ids, firstSent) => {
    const { weir, dropped } = start({
      whenFull,
      maxQueuedEvents: 5,
      maxBatchEvents: 2,
      concurrency: 1,
      store: {
        // Nothing is sent before the store is read.
        load: () => sleep(50, []),
        put: async () => {},
        remove: async () => {},
      },
    });
    for (let index = 0; index < 6; index += 1) weir.track({ type: 'order', event_id: `e-${index}` });

    expect(dropped.flatMap(({ events }) => events.map(({ event_id }) => event_id))).toEqual(ids);
    expect(dropped[0]?.reason).toBe('full');
    expect(await weir.close()).toEqual({
      waiting: 0,
      accepted: 6 - ids.length,
      rejected: 0,
      dropped: ids.length,
    });
    expect(JSON.parse(seen[0]?.text ?? '')[0].event_id).toBe(firstSent);
  });

  it('sends and drops what an earlier process left before what came later', async () => {
    const left = (key: string) => ({ key, createdAtMs: Date.now(), events: [`{"type":"${key}"}`] });
    let release = () => {};
    answer = (response, request, attempt) => {
      release = () => accept(response, request);
      if (attempt > 1) release();
    };
    const { weir, dropped } = start({
      ...{ whenFull: 'drop-oldest', maxQueuedEvents: 3, maxBatchEvents: 1, concurrency: 1 },
      store: { load: async () => [left('a'), left('b')], put: async () => {}, remove: async () => {} },
    });
    weir.track({ type: 'c' });
    await eventually(
      async () => seen,
      (requests) => requests.length === 1,
    );
    weir.track({ type: 'd' });
    release();
    await weir.close();

    // Its earlier process can have sent it.
    expect(dropped).toEqual([{ reason: 'full', events: [{ type: 'b' }], mayBeStored: true }]);
    expect(seen.map(({ text }) => JSON.parse(text)[0].type)).toEqual(['a', 'c', 'd']);
  });
});

describe('close', () => {
  it('ends in time, and reports what it gives up', async () => {
    answer = () => {};
    const { weir, dropped } = start();
    weir.track({ type: 'order' });
    const fromMs = performance.now();
    await weir.close({ timeoutMs: 100 });

    expect(performance.now() - fromMs).toBeLessThan(5000);
    expect(dropped).toMatchObject([{ reason: 'closed', mayBeStored: true, events: [{ type: 'order' }] }]);
  });
});

describe('in a page', () => {
  it('what waits is sent when the page leaves, under the keys that it keeps', async () => {
    const page = new EventTarget();
    const kept: boolean[] = [];
    const environment = {
      ...systemEnvironment(),
      page,
      fetch: ((input, init) => {
        kept.push(init?.keepalive ?? false);
        return fetch(input, init);
      }) as typeof fetch,
    };
    const weir = new Weir({ url, key: 'k', flushAfterMs: 60_000 }, environment);
    weir.track({ type: 'page.left' });
    page.dispatchEvent(new Event('pagehide'));

    await eventually(
      async () => seen,
      (requests) => requests.length === 2,
    );
    await weir.close();
    expect(kept.filter(Boolean)).toHaveLength(1);
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(seen.map(({ text }) => text)).size).toBe(1);
  });

  it('a refusal of its retry says nothing of the request that left', async () => {
    const page = new EventTarget();
    let isLeft = false;
    const dropped: Dropped[] = [];
    const environment = {
      ...systemEnvironment(),
      page,
      fetch: (async (_input, init) => {
        if (init?.keepalive) throw new TypeError('no answer');
        await eventually(
          async () => isLeft,
          (left) => left,
        );
        return new Response('{}', { status: 401 });
      }) as typeof fetch,
    };
    const weir = new Weir({ url, key: 'k', onDropped: (each) => dropped.push(each) }, environment);
    weir.track({ type: 'page.left' });
    page.dispatchEvent(new Event('pagehide'));
    isLeft = true;
    await weir.close();

    expect(dropped).toMatchObject([{ reason: 'refused', mayBeStored: true }]);
  });

  it('no more than 60,000 bytes leave with it', async () => {
    const page = new EventTarget();
    let leaving = 0;
    const environment = {
      ...systemEnvironment(),
      page,
      fetch: (async (_input, init) => {
        if (init?.keepalive) leaving += String(init.body).length;
        throw new TypeError('offline');
      }) as typeof fetch,
    };
    const weir = new Weir({ url, key: 'k' }, environment);
    for (let index = 0; index < 150; index += 1)
      weir.track({ type: 'note', metadata: { note: 'x'.repeat(1000) } });
    page.dispatchEvent(new Event('pagehide'));

    await eventually(
      async () => leaving,
      (bytes) => bytes > 0,
    );
    expect(leaving).toBeGreaterThan(40_000);
    expect(leaving).toBeLessThanOrEqual(60_000);
    await weir.close({ timeoutMs: 1 });
  });
});

it('after 23 hours a batch that may be stored is not sent again, unless its events have ids', async () => {
  let nowMs = 0;
  const environment = { ...systemEnvironment(), nowMs: () => nowMs };
  const old = (key: string, events: readonly object[]) => ({
    ...{ key, createdAtMs: 0 },
    events: events.map((event) => JSON.stringify(event)),
  });
  nowMs = 23 * 3_600_000 + 1;
  const dropped: Dropped[] = [];
  const store = {
    load: async () => [old('with-ids', [{ type: 'a', event_id: '1' }]), old('without', [{ type: 'b' }])],
    put: async () => {},
    remove: async () => {},
  };
  const weir = new Weir({ url, key: 'k', store, onDropped: (each) => dropped.push(each) }, environment);
  await weir.close();

  expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['with-ids']);
  expect(dropped).toEqual([{ reason: 'expired', mayBeStored: true, events: [{ type: 'b' }] }]);
});

it('wrong options are told at once, with what is right', () => {
  expect(() => start({ url: 'weir.example.com' })).toThrow('url is the address of Weir without /v1');
  expect(() => start({ url: 'https://weir.example.com/v1' })).toThrow('without /v1');
  expect(() => start({ key: '' })).toThrow('key is an API key');
  expect(() => start({ maxBatchEvents: 501 })).toThrow('maxBatchEvents is a whole number from 1 to 500');
});

it.each([
  ['2', 2000],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 10_000],
  [null, 0],
  ['soon', 0],
  ['-1', 0],
  ['1e9', 86_400_000],
])('Retry-After: %s is %i ms at the epoch', (header, ms) => {
  expect(retryAfterMs(header, 0)).toBe(ms);
});
