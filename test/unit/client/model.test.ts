// The client against a model of the server that answers, fails and forgets in any order: each event ends in exactly one
// callback, and what was told accepted is stored exactly once.

import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BatchStore, StoredBatch } from '../../../client/src/batch.ts';
import type { Environment } from '../../../client/src/environment.ts';
import { type TrackedEvent, Weir, type WeirOptions } from '../../../client/src/index.ts';

/** What befalls a request. */
type Act = 'ok' | 'lost before' | 'lost after' | 429 | 503 | 413 | 401 | 'half an answer';

type Model = {
  readonly stored: string[];
  readonly environment: Environment;
};

function modelServer(acts: readonly Act[], maxEvents: number): Model {
  const script = [...acts];
  const stored: string[] = [];
  const kept = new Map<string, { body: string; answer: string }>();
  let [nowMs, keys] = [Date.parse('2026-12-01T00:00:00Z'), 0];
  const respond = (status: number, body: string, retryAfter?: string) =>
    new Response(body, { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} });

  const fetched = async (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    await turn();
    const headers = new Headers(init.headers);
    const text = headers.has('content-encoding')
      ? gunzipSync(init.body as Uint8Array).toString()
      : String(init.body);
    const act = script.shift() ?? 'ok';
    if (act === 'lost before') throw new TypeError('reset');
    if (act === 401) return respond(401, '{"code":"unauthorized"}');
    if (act === 429) return respond(429, '{"code":"rate_limited"}', '1');
    if (act === 503) return respond(503, 'busy');
    const events: TrackedEvent[] = JSON.parse(text);
    const key = headers.get('idempotency-key') ?? '';
    // What was taken once is not too large.
    if ((act === 413 && !kept.has(key)) || events.length > maxEvents)
      return respond(413, '{"message":"too large"}');
    const before = kept.get(key);
    if (before && before.body !== text) return respond(422, '{"code":"idempotency_key_reused"}');
    const rejected = events.flatMap(({ type }, index) =>
      type === 'bad' ? [{ index, code: 'missing_field', message: 'bad' }] : [],
    );
    const accepted = events.length - rejected.length;
    const answer = accepted
      ? JSON.stringify({ batch_id: key, accepted, rejected, receipt: '' })
      : JSON.stringify({ code: 'no_valid_event', rejected });
    if (!before) {
      kept.set(key, { body: text, answer });
      stored.push(...events.filter(({ type }) => type !== 'bad').map(({ user_id = '' }) => user_id));
    }
    if (act === 'lost after') throw new TypeError('reset');
    if (act === 'half an answer') return respond(202, answer.slice(0, answer.length / 2));
    return respond(accepted ? 202 : 422, answer);
  };

  return {
    stored,
    environment: {
      fetch: fetched as typeof fetch,
      nowMs: () => nowMs,
      random: () => 0.5,
      newKey: () => `key-${++keys}`,
      // Time passes by what is waited for; the limit of a request never ends.
      after: (ms, action) => {
        if (ms === requestTimeoutMs) return () => {};
        const timer = setTimeout(() => {
          nowMs += ms;
          action();
        });
        return () => clearTimeout(timer);
      },
    },
  };
}

const requestTimeoutMs = 14_999;

const acts = fc.constantFrom<Act[]>('ok', 'lost before', 'lost after', 429, 503, 413, 401, 'half an answer');
const settings = fc.record({
  maxBatchEvents: fc.integer({ min: 1, max: 8 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxQueuedEvents: fc.integer({ min: 1, max: 40 }),
  whenFull: fc.constantFrom('drop-newest' as const, 'drop-oldest' as const),
});

const memoryStore = (): BatchStore & { readonly batches: Map<string, StoredBatch> } => {
  const batches = new Map<string, StoredBatch>();
  return {
    batches,
    load: async () => [...batches.values()],
    put: async (batch) => void batches.set(batch.key, batch),
    remove: async ({ key }) => void batches.delete(key),
  };
};

it('each event is stored exactly once or reported, whatever the server does', {
  timeout: 60_000,
}, async () => {
  const seen = { accepted: 0, rejected: 0, full: 0, refused: 0, too_large: 0, split: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(acts, { maxLength: 25 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      settings,
      fc.integer({ min: 1, max: 8 }),
      fc.boolean(),
      async (script, events, chosen, maxEvents, onDisk) => {
        const { stored, environment } = modelServer(script, maxEvents);
        const store = memoryStore();
        const told = {
          accepted: [] as string[],
          rejected: [] as string[],
          dropped: [] as string[],
          inDoubt: [] as string[],
        };
        const idsOf = (of: readonly TrackedEvent[]) => of.map(({ user_id = '' }) => user_id);
        const options: WeirOptions = {
          url: 'https://weir.test',
          key: 'k',
          requestTimeoutMs,
          ...chosen,
          ...(onDisk && { store }),
          onAccepted: (batch) => {
            const rejected = new Set(batch.rejected.map(({ index }) => index));
            told.accepted.push(...idsOf(batch.events.filter((_, index) => !rejected.has(index))));
            if (batch.batch_id.includes('.')) seen.split += 1;
          },
          onRejected: ({ event }) => told.rejected.push(event.user_id ?? ''),
          onDropped: ({ reason, events: dropped, mayBeStored }) => {
            told.dropped.push(...idsOf(dropped));
            if (mayBeStored) told.inDoubt.push(...idsOf(dropped));
            seen[reason as 'full'] += dropped.length;
          },
        };
        const weir = new Weir(options, environment);
        const ids = events.map((isGood, index) => {
          const user_id = `u-${index}`;
          weir.track({ type: isGood ? 'order' : 'bad', user_id });
          return user_id;
        });
        await weir.flush();

        expect([...told.accepted, ...told.rejected, ...told.dropped].toSorted()).toEqual(ids.toSorted());
        const inDoubt = stored.filter((id) => told.inDoubt.includes(id));
        expect(stored.toSorted()).toEqual([...told.accepted, ...inDoubt].toSorted());
        expect(weir.stats).toEqual({
          waiting: 0,
          accepted: told.accepted.length,
          rejected: told.rejected.length,
          dropped: told.dropped.length,
        });
        expect(store.batches.size).toBe(0);
        seen.accepted += told.accepted.length;
        seen.rejected += told.rejected.length;
      },
    ),
    { seed: 23, numRuns: 300 },
  );
  // It saw every end.
  expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
});

it('what a process left in its store is sent by the next one, once', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Act[]>('ok', 'lost before', 'lost after', 503, 413), { maxLength: 15 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      async (script, count, turns, maxEvents) => {
        const { stored, environment } = modelServer(script, maxEvents);
        const store = memoryStore();
        let isAlive = true;
        const options: WeirOptions = {
          url: 'https://weir.test',
          key: 'k',
          requestTimeoutMs,
          maxBatchEvents: 4,
          flushAfterMs: 1,
        };
        // A process that is killed does nothing more, although what it sent arrives.
        const untilKilled: Environment = {
          ...environment,
          fetch: (...request) => (isAlive ? environment.fetch(...request) : new Promise(() => {})),
        };
        const ifAlive = async (action: () => Promise<void>) =>
          isAlive ? action() : new Promise<void>(() => {});
        const first = new Weir(
          {
            ...options,
            store: {
              ...store,
              put: (batch) => ifAlive(() => store.put(batch)),
              remove: (batch) => ifAlive(() => store.remove(batch)),
            },
          },
          untilKilled,
        );
        for (let index = 0; index < count; index += 1) first.track({ type: 'order', user_id: `u-${index}` });
        void first.flush();
        for (let at = 0; at < turns; at += 1) await turn();
        isAlive = false;
        await turn();
        await turn();

        const dropped: string[] = [];
        const second = new Weir(
          {
            ...options,
            store,
            onDropped: ({ events }) => dropped.push(...events.map(({ user_id = '' }) => user_id)),
          },
          environment,
        );
        await second.flush();

        // A 413 for one event alone is reported, by the process that got it.
        expect(new Set(stored).size).toBe(stored.length);
        expect(store.batches.size).toBe(0);
        if (!script.includes(413)) expect(stored).toHaveLength(count);
        for (const id of dropped) expect(stored).not.toContain(id);
      },
    ),
    { seed: 23, numRuns: 200 },
  );
});
