// The client of Weir against the platform, and what goes wrong between and around: whatever it was told as accepted is
// stored exactly once, after a kill too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect } from 'vitest';
import { type Accepted, type Dropped, type Rejected, Weir, WeirError } from '../../../client/src/index.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { eventually } from '../../support/eventually.ts';
import { type Fault, type FaultyDoor, openFaultyDoor } from '../../support/faulty-door.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
});

type Way = {
  readonly door: FaultyDoor;
  readonly key: string;
  readonly weir: Weir;
  /** Asks without faults. */
  readonly reader: Weir;
  readonly accepted: Accepted[];
  readonly rejected: Rejected[];
  readonly dropped: Dropped[];
};

/** Through a door of its own, as an account of its own. */
async function through(
  account: string,
  {
    faults = [],
    ...options
  }: { faults?: readonly Fault[]; requestTimeoutMs?: number; maxBatchEvents?: number },
  work: (way: Way) => Promise<void>,
) {
  const { api_key: key } = await createAccountOn(twin, account, 'custom');
  const door = await openFaultyDoor(twin.url);
  door.script(...faults);
  const told = { accepted: [] as Accepted[], rejected: [] as Rejected[], dropped: [] as Dropped[] };
  const weir = new Weir({
    ...{ url: door.url, key, retryBaseMs: 20, ...options },
    onAccepted: (batch) => told.accepted.push(batch),
    onRejected: (each) => told.rejected.push(each),
    onDropped: (each) => told.dropped.push(each),
  });
  const reader = new Weir({ url: twin.url, key });
  try {
    await work({ door, key, weir, reader, ...told });
  } finally {
    await weir.close({ timeoutMs: 1 });
    await door.close();
  }
}

const found = async (reader: Weir) =>
  Array.fromAsync(reader.search({ limit: 1000 }), ({ metadata }) => metadata?.n);

/** Each number exactly once. What would come late has come: all batches have receipts that are complete. */
async function storedOnce({ reader, accepted }: Pick<Way, 'reader' | 'accepted'>, count: number) {
  for (const batch of accepted) {
    const receipt = await reader.delivered(batch);
    expect(receipt).toMatchObject({ status: 'stored', stored: batch.accepted, duplicates: 0, conflicts: 0 });
  }
  const numbers = await eventually(
    () => found(reader),
    (seen) => seen.length >= count,
  );
  expect(numbers.toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: count }, (_, n) => n),
  );
}

const track = (weir: Weir, count: number) => {
  for (let n = 0; n < count; n += 1) weir.track({ type: 'order', metadata: { n } });
};

const faultsOf: readonly (readonly [name: string, faults: readonly Fault[], requests: number])[] = [
  ['the connection is reset', ['reset'], 4],
  ['the answer is lost', ['lose', 'lose'], 5],
  ['it is told 429', [429], 4],
  ['it is told 503', [503, 503], 5],
  ['the answer is slow', [{ afterMs: 1500 }], 4],
  ['it is too large', [413], 5],
];

describe.concurrent('the client', () => {
  it.each(faultsOf)(
    'has each event stored once, events without ids too, although %s',
    { timeout: 60_000 },
    async (name, faults, requests) => {
      const account = `client-${name.replaceAll(/\W+/g, '-')}`;
      await through(account, { faults, requestTimeoutMs: 1000 }, async (way) => {
        track(way.weir, 250);
        expect(await way.weir.flush()).toEqual({ waiting: 0, accepted: 250, rejected: 0, dropped: 0 });

        await storedOnce(way, 250);
        // The door met its faults.
        expect(way.door.seen.length).toBeGreaterThanOrEqual(requests);
        if (faults.includes(429)) {
          const [first, , , again] = way.door.seen;
          expect(Number(again?.atMs) - Number(first?.atMs)).toBeGreaterThan(980);
        }
      });
    },
  );

  it('says which events are rejected, and reads back what is stored', { timeout: 60_000 }, async () => {
    await through('client-reads', {}, async ({ weir, reader, accepted, rejected, dropped }) => {
      weir.track({ type: 'order', event_id: 'o-1', user_id: 'ada', service: 'shop', value: 12.5 });
      weir.track({ type: 'view', user_id: 'ada' });
      weir.track({ type: '(other)', user_id: 'eve' });
      await weir.flush();

      expect(rejected).toMatchObject([
        { code: 'invalid_field', field: 'type', message: expect.any(String), event: { user_id: 'eve' } },
      ]);
      expect(dropped).toEqual([]);
      expect(await reader.delivered(accepted[0]?.batch_id ?? '')).toMatchObject({ accepted: 2, stored: 2 });
      const summary = await eventually(
        () => reader.summary({ window: '1h' }),
        ({ total }) => total === 2,
      );
      expect(summary).toMatchObject({ account_id: 'client-reads', distinct_users: 1 });
      const { points, total } = await reader.series({ interval: 'hour', group_by: 'type' });
      expect({ points: points.length, total }).toEqual({ points: 24, total: 2 });
      expect(await reader.usage()).toMatchObject({ account_id: 'client-reads', tier: 'custom' });
      const pages = await Array.fromAsync(reader.search({ user_id: 'ada', limit: 1 }), ({ type }) => type);
      expect(pages.toSorted()).toEqual(['order', 'view']);
      await expect(reader.summary({ from: 'never' })).rejects.toThrow(WeirError);
      await expect(reader.delivered('no-such-batch')).rejects.toMatchObject({ code: 'unknown_batch' });
    });
  });

  it('reports what an unknown key sends', { timeout: 60_000 }, async () => {
    const dropped: Dropped[] = [];
    const weir = new Weir({
      ...{ url: twin.url, key: 'weir_production_0_wrong' },
      onDropped: (each) => dropped.push(each),
    });
    weir.track({ type: 'order' });
    await weir.close();

    expect(dropped).toMatchObject([{ reason: 'refused', refusal: { status: 401, code: 'unauthorized' } }]);
  });
});

/** A process that tracks, and is killed or ends as it is told. */
const application = (module: string) => `
import { Weir } from ${JSON.stringify(resolve(`client/src/index.ts`))};
import { fileQueue } from ${JSON.stringify(resolve(`client/src/file-queue.ts`))};
const { URL: url, KEY: key, QUEUE: folder, COUNT: count } = process.env;
const weir = new Weir({
  url, key, retryBaseMs: 20, retryMaxMs: 200, requestTimeoutMs: 2000,
  ...(folder && { store: fileQueue(folder) }),
  onDropped: ({ reason, events }) => console.log('dropped', reason, events.length),
});
for (let n = 0; n < Number(count); n += 1) weir.track({ type: 'order', metadata: { n } });
${module}`;

function start(
  module: string,
  env: Readonly<Record<string, string>>,
): ChildProcess & { printed: () => string } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', application(module)], {
    env: { ...env, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return Object.assign(child, { printed: () => text });
}

const batchesIn = (queue: string) => readdirSync(queue).filter((name) => name.endsWith('.batch.json'));

describe.concurrent('a process with a file queue', () => {
  it.each([
    ['nothing was sent', Array<Fault>(200).fill('reset'), 'while-down'],
    ['everything was stored, and no answer came', Array<Fault>(200).fill('lose'), 'while-losing'],
  ])(
    'killed with a full queue when %s: the next one sends each event once',
    {
      timeout: 90_000,
    },
    async (_when, faults, name) => {
      await through(`client-killed-${name}`, { faults }, async ({ door, key, reader }) => {
        const queue = mkdtempSync(join(tmpdir(), 'weir-queue-'));
        const env = { URL: door.url, KEY: key, QUEUE: queue, COUNT: '1000' };
        const first = start('setInterval(() => {}, 1000);', env);
        await eventually(
          async () => [
            batchesIn(queue).length,
            new Set(door.seen.map(({ headers }) => headers['idempotency-key'])).size,
          ],
          ([stored = 0, sent = 0]) => stored === 10 && sent >= 4,
        );
        first.kill('SIGKILL');
        await once(first, 'exit');

        const second = start('console.log(JSON.stringify(await weir.close()));', {
          ...{ ...env, COUNT: '0' },
          URL: twin.url,
        });
        await once(second, 'exit');

        expect(JSON.parse(second.printed())).toEqual({ waiting: 0, accepted: 1000, rejected: 0, dropped: 0 });
        expect(batchesIn(queue)).toEqual([]);
        await eventually(
          () => reader.summary({ window: '24h' }),
          ({ total }) => total >= 1000,
        );
        await storedOnce({ reader, accepted: [] }, 1000);
        rmSync(queue, { recursive: true });
      });
    },
  );

  it('that is closed in time keeps on disk what it could not send', { timeout: 60_000 }, async () => {
    await through(
      'client-closed',
      { faults: Array<Fault>(500).fill('reset') },
      async ({ door, key, reader }) => {
        const queue = mkdtempSync(join(tmpdir(), 'weir-queue-'));
        const env = { URL: door.url, KEY: key, QUEUE: queue, COUNT: '250' };
        const first = start('console.log(JSON.stringify(await weir.close({ timeoutMs: 300 })));', env);
        await once(first, 'exit');
        expect(JSON.parse(first.printed())).toMatchObject({ accepted: 0, dropped: 0 });

        const second = start('await weir.close();', { ...env, COUNT: '0', URL: twin.url });
        await once(second, 'exit');
        await storedOnce({ reader, accepted: [] }, 250);
        rmSync(queue, { recursive: true });
      },
    );
  });
});

describe.concurrent('a process without a file queue', () => {
  it('ends by itself only once all is sent', { timeout: 60_000 }, async () => {
    await through('client-ends', { faults: ['reset', 503] }, async ({ door, key, reader }) => {
      const child = start('', { URL: door.url, KEY: key, COUNT: '250' });
      const [code] = await once(child, 'exit');

      expect(code).toBe(0);
      await storedOnce({ reader, accepted: [] }, 250);
    });
  });

  it('that is killed loses what it was not told as accepted, and doubles nothing', {
    timeout: 60_000,
  }, async () => {
    await through('client-lost', {}, async ({ door, key, reader }) => {
      const child = start(
        'await weir.flush(); weir.track({ type: "late" }); process.kill(process.pid, "SIGKILL");',
        {
          ...{ URL: door.url, KEY: key, COUNT: '250' },
        },
      );
      const [, signal] = await once(child, 'exit');

      expect(signal).toBe('SIGKILL');
      await storedOnce({ reader, accepted: [] }, 250);
    });
  });

  it('reports what it gives up when it is closed in time', { timeout: 60_000 }, async () => {
    await through('client-gives-up', { faults: Array<Fault>(500).fill('reset') }, async ({ door, key }) => {
      const child = start('await weir.close({ timeoutMs: 300 });', { URL: door.url, KEY: key, COUNT: '30' });
      await once(child, 'exit');

      expect(child.printed()).toBe('dropped closed 30\n');
    });
  });
});
