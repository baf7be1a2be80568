import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import type { IdempotencyKeys } from '../../../../domain/idempotency/port.ts';
import { decodeEnvelope } from '../../../../domain/record/envelope.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { changeOf, quarantinedOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { seededRandom } from '../../../support/clock.ts';
import { caller } from '../../../support/requests.ts';
import { functionTimeMs, startIngest } from './fixture.ts';

let ingest: ReturnType<typeof startIngest>;
beforeEach(() => {
  ingest = startIngest();
});

const keyed = (key = 'order-7') => ({ headers: { 'Idempotency-Key': key } });
const events = [{ type: 't' }, { event_id: 'given', type: 't' }, { event_id: 'wrong' }];

describe('the same key and body again', () => {
  it('gets the first answer, byte for byte, and stores nothing', async () => {
    const first = await ingest.post(events, keyed());
    ingest.clock.nowMs += dayMs - 1;
    const second = await ingest.post(events, keyed());

    expect(first.statusCode).toBe(202);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(second.statusCode).toBe(202);
    expect(second.body).toBe(first.body);
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true' });
    expect(ingest.stream.records).toHaveLength(1);
    expect(ingest.meter.total(metricNames.acceptedEvents)).toBe(2);
    expect(ingest.meter.total(metricNames.rejectedEvents)).toBe(1);
    expect(ingest.meter.total(metricNames.idempotencyReplays)).toBe(1);
  });

  it('gets a refusal replayed too', async () => {
    await ingest.post([{}], keyed());
    const { statusCode, headers, json } = await ingest.post([{}], keyed());

    expect(statusCode).toBe(422);
    expect(json).toMatchObject({ code: 'no_valid_event', rejected: [{ index: 0 }] });
    expect(headers).toMatchObject({ 'idempotency-replayed': 'true' });
  });

  it('is a new batch after 24 hours', async () => {
    const first = await ingest.post(events, keyed());
    ingest.clock.nowMs += dayMs;
    const second = await ingest.post(events, keyed());

    expect(second.json.batch_id).not.toBe(first.json.batch_id);
    expect(ingest.stream.records).toHaveLength(2);
  });

  it('is the same under either name of the header', async () => {
    const first = await ingest.post(events, keyed());
    const second = await ingest.post(events, { headers: { 'x-idempotency-key': 'order-7' } });

    expect(second.body).toBe(first.body);
  });

  it('of another environment or account is another batch', async () => {
    await ingest.post(events, keyed());
    for (const tenant of [
      { account: 'acme', environment: 'staging', generation: 0 },
      { account: 'other', environment: 'production', generation: 0 },
    ]) {
      const { headers } = await ingest.post(events, { ...keyed(), caller: { ...caller, tenant } });
      expect(headers).not.toHaveProperty('idempotency-replayed');
    }
    expect(ingest.stream.records).toHaveLength(3);
  });

  it('gets the first answer, even if the settings of the account have changed', async () => {
    ingest.policies.set('acme#strict', { fields: [{ name: '*', action: 'refuse' }], detectors: [] });
    const body = [{ type: 't', metadata: { note: 'x' } }];
    const first = await ingest.post(body, keyed());
    const changed = { ...caller, slots: [5, 6, 7], retentionDays: 1, policy: 'strict' };
    const second = await ingest.post(body, {
      headers: { ...keyed().headers, prefer: 'handling=strict' },
      caller: changed,
    });

    expect(second.body).toBe(first.body);
  });
});

it('the same key with another body is 422 and stores nothing', async () => {
  await ingest.post(events, keyed());

  expect(await ingest.refusal([...events, { type: 't' }], keyed())).toBe('idempotency_key_reused');
  expect(ingest.stream.records).toHaveLength(1);
});

it('the same key with the same bytes in another form is another body', async () => {
  const lines = { 'content-type': 'application/x-ndjson' };
  const body = '[{"type":"t"}]';
  expect(await ingest.refusal(body, { headers: { ...keyed().headers, ...lines } })).toBe('no_valid_event');

  expect(await ingest.refusal(body, keyed())).toBe('idempotency_key_reused');
  expect(ingest.stream.records).toEqual([]);
});

it('the first answer is replayed by a release that would give another one', async () => {
  ingest.policies.set('acme#p', { fields: [{ name: 'note', action: 'refuse' }] });
  const body = [{ type: 't', metadata: { note: 'x' } }, { type: 't' }];
  const withPolicy = { ...keyed(), caller: { ...caller, policy: 'p' } };
  const first = await ingest.post(body, withPolicy);
  const later = startIngest({
    idempotencyKeys: ingest.idempotencyKeys,
    clock: ingest.clock,
    policyOf: async () => undefined,
    random: seededRandom(2),
  });

  expect((await later.post(body, withPolicy)).body).toBe(first.body);
});

it('an answer with more details than are kept is replayed too, and what is kept stays small', async () => {
  const kept: number[] = [];
  const { idempotencyKeys } = ingest;
  const run = startIngest({
    idempotencyKeys: {
      begin: idempotencyKeys.begin.bind(idempotencyKeys),
      takeOver: idempotencyKeys.takeOver.bind(idempotencyKeys),
      end: (tenant, name, leaseUntilMs, answer) => {
        kept.push(answer?.length ?? 0);
        return idempotencyKeys.end(tenant, name, leaseUntilMs, answer);
      },
    },
  });
  const noise = (length: number) =>
    Buffer.from(seededRandom(length).bytes(length)).toString('hex').slice(0, length);
  const wrong = Array.from({ length: 400 }, (_, index) => ({
    event_id: noise(60 + (index % 60)) + index,
    t: 1,
  }));
  const made = Array.from({ length: 100 }, () => ({ type: 't' }));

  for (const [key, body] of [
    ['refused', wrong],
    ['accepted in part', [...wrong, ...made]],
  ] as const) {
    const first = await run.post(body, keyed(key));
    const second = await run.post(body, keyed(key));

    expect(second.body).toBe(first.body);
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true' });
  }
  expect(run.stream.records).toHaveLength(1);
  expect(Math.max(...kept)).toBeLessThanOrEqual(8 * 1024);
});

it('two different keys are refused, and the same key twice is one key', async () => {
  const sent = (...values: string[]) => ({ multiValueHeaders: { 'Idempotency-Key': values } });

  expect(await ingest.refusal(events, sent('a', 'b'))).toBe('invalid_idempotency_key');
  expect(
    await ingest.refusal(events, { headers: { 'idempotency-key': 'a', 'x-idempotency-key': 'b' } }),
  ).toBe('invalid_idempotency_key');
  expect(await ingest.refusal(events, sent('a', 'a'))).toBe('accepted');
});

it.each([
  ['empty', ''],
  ['longer than 255', 'x'.repeat(256)],
  ['not ASCII', 'bestellung-ü'],
  ['with a line break', 'a\nb'],
])('a key that is %s is 400', async (_, key) => {
  expect(await ingest.refusal(events, keyed(key))).toBe('invalid_idempotency_key');
});

it('a key may be 255 characters', async () => {
  expect(await ingest.refusal(events, keyed('x'.repeat(255)))).toBe('accepted');
});

it('a body that cannot be parsed does not use the key', async () => {
  expect(await ingest.refusal('{', keyed())).toBe('invalid_json');
  expect(await ingest.refusal(events, keyed())).toBe('accepted');
});

describe('while the first is in flight', () => {
  it('the second gets 409, and the answer once there is one', async () => {
    let acknowledge = () => {};
    const held = new Promise<void>((resolve) => {
      acknowledge = resolve;
    });
    const begun = Promise.withResolvers<void>();
    const put = () => {
      begun.resolve();
      return held;
    };
    const slow = startIngest({ stream: { put } });

    const first = slow.post(events, keyed());
    await begun.promise;
    expect(await slow.refusal(events, keyed())).toBe('idempotency_in_flight');
    acknowledge();
    const answered = await first;

    expect((await slow.post(events, keyed())).body).toBe(answered.body);
  });
});

describe('after an attempt without an answer', () => {
  /** A stream that fails the first puts, with or without taking their records. */
  const failing = (times: number, error: Error, taken: boolean) => {
    let failures = 0;
    const ingestOnIt = startIngest({
      stream: {
        put: async (records) => {
          failures += 1;
          if (failures > times || taken) await ingestOnIt.stream.put(records);
          if (failures <= times) throw error;
        },
      },
    });
    return ingestOnIt;
  };

  it('stores what that one would have stored, whatever the clock of the client shows by then', async () => {
    const { post, stream, clock } = failing(1, new Unavailable('unavailable'), false);
    const timestamp = clock.nowMs - 7 * dayMs;
    const behind = (days: number) => ({
      headers: { 'Idempotency-Key': 'order-7', 'X-Weir-Sent-At': String(clock.nowMs - days * dayMs) },
    });
    const firstAtMs = clock.nowMs;
    await expect(post([{ type: 't', timestamp }], behind(7))).rejects.toThrow('unavailable');
    clock.nowMs += functionTimeMs;
    await post([{ type: 't', timestamp }], behind(6));

    const stored = stream.records.map(({ data }) => decodeEnvelope(data).events[0]?.timestamp);
    expect(stored).toEqual([firstAtMs]);
  });

  it.each([
    ['the stream took nothing', false],
    ['the stream took it and the answer was lost', true],
  ])('because %s, the next one makes the same batch at once', async (_, taken) => {
    const { post, stream, clock } = failing(1, new Unavailable('unavailable'), taken);
    await expect(post(events, keyed())).rejects.toThrow('unavailable');
    clock.nowMs += 5000;

    const answer = await post(events, keyed());

    expect(answer.statusCode).toBe(202);
    expect(answer.headers).not.toHaveProperty('idempotency-replayed');
    const records = stream.records.map(({ data, partitionKey }) => [
      partitionKey,
      Buffer.from(data).toString('hex'),
    ]);
    expect(new Set(records.map(String)).size).toBe(1);
    expect(records).toHaveLength(taken ? 2 : 1);
  });

  it('because the function crashed, the next one makes the same batch once the lease has expired', async () => {
    const { promise: atWork, resolve } = Promise.withResolvers<void>();
    const dying = async () => {
      resolve();
      await new Promise(() => {});
    };
    const crashed = startIngest({ stream: { put: dying } });
    void crashed.post(events, keyed());
    await atWork;
    const { idempotencyKeys, clock } = crashed;
    const after = startIngest({ idempotencyKeys, clock, random: seededRandom(2) });
    crashed.clock.nowMs += functionTimeMs - 1;
    expect(await after.refusal(events, keyed())).toBe('idempotency_in_flight');
    crashed.clock.nowMs += 1;

    const { json } = await after.post(events, keyed());

    expect(after.envelopes()[0]?.header.receivedAtMs).toBe(crashed.clock.nowMs - functionTimeMs);
    expect((await after.post(events, keyed())).json).toEqual(json);
  });
});

describe('while the table of keys is unavailable', () => {
  const unavailable = () => Promise.reject(new Unavailable('unavailable'));
  const none: IdempotencyKeys = { begin: unavailable, takeOver: unavailable, end: unavailable };

  it('the batch is accepted, and a metric counts it', async () => {
    const { post, meter, stream } = startIngest({ idempotencyKeys: none });

    expect((await post(events, keyed())).statusCode).toBe(202);
    expect(meter.total(metricNames.idempotencySkipped)).toBe(1);
    expect(stream.records).toHaveLength(1);
  });

  it('the batch is answered even if its answer cannot be kept', async () => {
    const { idempotencyKeys } = ingest;
    const { post } = startIngest({
      idempotencyKeys: {
        begin: idempotencyKeys.begin.bind(idempotencyKeys),
        takeOver: idempotencyKeys.takeOver.bind(idempotencyKeys),
        end: unavailable,
      },
    });

    expect((await post(events, keyed())).statusCode).toBe(202);
  });

  it('a second attempt makes the same batch, although it cannot take the lease', async () => {
    const { idempotencyKeys, clock } = ingest;
    const failing = startIngest({ idempotencyKeys, stream: { put: unavailable } });
    await expect(failing.post(events, keyed())).rejects.toThrow('unavailable');
    const [begin, end] = [idempotencyKeys.begin.bind(idempotencyKeys), unavailable];
    const after = startIngest({
      idempotencyKeys: { begin, takeOver: unavailable, end },
      clock,
      random: seededRandom(2),
    });

    const first = await after.post(events, keyed());
    const second = await after.post(events, keyed());

    expect(second.body).toBe(first.body);
    expect(after.meter.total(metricNames.idempotencySkipped)).toBe(2);
  });

  it('a bug is not mistaken for an outage', async () => {
    const { post } = startIngest({
      idempotencyKeys: { ...none, begin: () => Promise.reject(new TypeError('bug')) },
    });

    await expect(post(events, keyed())).rejects.toThrow('bug');
  });
});

it('one key is one batch, whatever fails in whatever order', async () => {
  const anyOutcomes = fc.array(fc.constantFrom('taken', 'refused', 'lost'), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(anyOutcomes, async (outcomes) => {
      let at = 0;
      const run: ReturnType<typeof startIngest> = startIngest({
        stream: {
          put: async (records) => {
            const outcome = outcomes[at % outcomes.length];
            at += 1;
            if (outcome !== 'refused') await run.stream.put(records);
            if (outcome !== 'taken') throw new Unavailable(String(outcome));
          },
        },
      });
      for (let tries = 0; tries < outcomes.length + 1; tries += 1) {
        await run.post(events, keyed()).catch((error) => expect(error).toBeInstanceOf(Unavailable));
        run.clock.nowMs += 700;
      }
      const ids = new Set(run.envelopes().map(({ header }) => header.batchId));
      const records = new Set(run.stream.records.map(({ data }) => Buffer.from(data).toString('hex')));
      expect(ids.size).toBeLessThanOrEqual(1);
      expect(records.size).toBe(ids.size);
    }),
  );
});

describe('the same key and body again, after an operator has discarded the batch,', () => {
  const discarded = async (state: Receipt['state'] = 'discarded') => {
    const { json } = await ingest.post(events, keyed());
    const [{ header } = expect.fail('nothing was put')] = ingest.envelopes();
    const { to } = changeOf(quarantinedOutcome(header, 9, { reason: 'failed' }), ingest.clock.nowMs);
    await ingest.lanes.commit({ changes: [{ to: { ...to, state } }], documents: [], marks: [] });
    return json.batch_id;
  };

  it('is told so, and stores nothing', async () => {
    const batchId = await discarded();

    const { statusCode, headers, json } = await ingest.post(events, keyed());

    expect(statusCode).toBe(410);
    expect(headers).toMatchObject({ 'idempotency-replayed': 'true' });
    expect(json).toMatchObject({
      code: 'batch_discarded',
      batch_id: batchId,
      discarded: 2,
      receipt: `/v1/batches/${batchId}`,
    });
    expect(ingest.stream.records).toHaveLength(1);
  });

  it('is accepted under another key', async () => {
    await discarded();

    expect((await ingest.post(events, keyed('order-8'))).statusCode).toBe(202);
  });

  it.each(['quarantined', 'counted'] as const)('gets the first answer if it is only %s', async (state) => {
    await discarded(state);

    expect((await ingest.post(events, keyed())).statusCode).toBe(202);
  });

  it('gets the first answer while receipts are unavailable: the stream has the batch', async () => {
    ingest = startIngest({ readReceipts: async () => Promise.reject(new Unavailable('away')) });
    await ingest.post(events, keyed());

    expect((await ingest.post(events, keyed())).statusCode).toBe(202);
    expect(ingest.logger.warn).toHaveBeenCalled();
  });
});
