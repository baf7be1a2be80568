import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { digestOf } from '../../../../domain/event/digest.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { identityKey, payloadName, streamKey } from '../../../../domain/keys.ts';
import { makeSeed } from '../../../../domain/record/batch-id.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { UnreadableEnvelope } from '../../../../domain/record/envelope.ts';
import { makeEventId } from '../../../../domain/record/made-id.ts';
import { recordId } from '../../../../domain/record/record-id.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { longestStreamMs } from '../../../../domain/storing/origin.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { seededRandom } from '../../../support/clock.ts';
import { event, events, nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';
import { ofLaterVersion } from '../../../support/later-version.ts';
import { recordOf, tenant, World } from './fixture.ts';

let world: World;
let { identities, pages, lanes, failedRecords, platformKeys, meter, clock, spans, logger } = new World();
let { consume, total, intake, receipt } = new World();
beforeEach(() => {
  world = new World();
  ({ identities, pages, lanes, failedRecords, platformKeys, meter, clock, spans, logger } = world);
  ({ consume, total, intake, receipt } = world);
});

it('stores and counts every event of a record once, and leaves a receipt', async () => {
  const result = await consume(recordOf('b', events(20)));

  expect(result.batchItemFailures).toEqual([]);
  expect(pages.eventIds().toSorted()).toEqual(
    events(20)
      .map(({ event_id }) => event_id)
      .toSorted(),
  );
  expect(await total()).toBe(20);
  expect(await intake()).toMatchObject({ received: 20, stored: 20, duplicates: 0 });
  expect(receipt('b')).toMatchObject({ state: 'counted', accepted: 20, stored: 20 });
  expect(meter.values(metricNames.freshness)).toEqual([40]);
});

it('counts a record as fresh if it is visible within 5 s of its receipt, and none that is late', async () => {
  const late = events(1).map((each) => ({ ...each, event_id: 'late' }));
  await consume(recordOf('in-time', events(1), nowMs));
  world.clock.nowMs = nowMs + 5001;
  await consume(recordOf('slow', late, nowMs));

  expect(meter.values(metricNames.measuredRecords)).toEqual([1, 1]);
  expect(meter.values(metricNames.freshRecords)).toEqual([1, 0]);
});

it('drops records of an account that was deleted since, counts them, and lets the stream go on', async () => {
  world.generations.set('acme', 1);
  const next = { ...tenant, generation: 1 };

  const result = await consume(
    recordOf('old', events(3)),
    recordOf('new', events(2), nowMs, { tenant: next }),
  );

  expect(result.batchItemFailures).toEqual([]);
  expect(receipt('old')).toBeUndefined();
  expect(await total({ ...lane, tenant: next })).toBe(2);
  expect(await total()).toBe(0);
  expect([...pages.written.values()].map(({ pk }) => pk)).toEqual(
    [...pages.written.values()].map(() => streamKey(next, 0, false)),
  );
  expect(identities.held.size).toBe(2);
  expect(meter.values(metricNames.droppedRecords)).toEqual([1]);
});

it('measures late events apart: a backfill may wait, and nobody else', async () => {
  await consume(recordOf('b', events(2), nowMs, { late: true }));

  expect(meter.values(metricNames.lateFreshness)).toEqual([40]);
  expect(meter.values(metricNames.freshness)).toEqual([]);
});

it('points every identity at a page that holds its event', async () => {
  await consume(recordOf('b', events(20)));

  for (const [key, identity] of identities.held) {
    const [slot, ...sk] = identity.page.split('#');
    const page = pages.written.get(`acme#production#0#${slot}#${sk.join('#')}`);
    expect(page?.events.map(({ event_id }) => `acme#production#0#${event_id}`)).toContain(key);
  }
});

describe('does not count twice', () => {
  it('a record that the stream holds twice', async () => {
    const record = recordOf('b', events(5));

    await consume(record, record);
    await consume(record);

    expect(await total()).toBe(5);
    expect(await intake()).toMatchObject({ received: 5 });
  });

  it('an event sent again in another batch: its receipt counts a duplicate', async () => {
    await consume(recordOf('a', events(5)));
    await consume(recordOf('b', events(7)));

    expect(await total()).toBe(7);
    expect(receipt('b')).toMatchObject({ accepted: 7, stored: 2, duplicates: 5 });
    expect(meter.total(metricNames.duplicateEvents)).toBe(5);
  });

  it('the same id with other content: it is a conflict, and the first event stays', async () => {
    await consume(recordOf('a', [event()]));
    await consume(recordOf('b', [event({ type: 'other' })]));

    expect(receipt('b')).toMatchObject({ stored: 0, conflicts: 1 });
    expect([...pages.written.values()].flatMap((page) => page.events)).toMatchObject([{ type: 'page.view' }]);
  });

  it('batches of one invocation that share ids', async () => {
    await consume(recordOf('a', events(5)), recordOf('b', events(5)), recordOf('c', events(5)));

    expect(await total()).toBe(5);
    expect(await intake()).toMatchObject({ received: 15, stored: 5, duplicates: 10 });
  });

  it('a record that several consumers have at once', async () => {
    const record = recordOf('b', events(30));

    await Promise.all([consume(record), consume(record), consume(record)]);

    expect(await total()).toBe(30);
    expect(await intake()).toMatchObject({ received: 30, stored: 30 });
  });
});

it('counts an id again once its claim has expired (R4)', async () => {
  await consume(recordOf('a', [event()]));
  const later = nowMs + 31 * dayMs;
  await consume(recordOf('b', [event({ timestamp: later })], later));

  expect(receipt('b')).toMatchObject({ stored: 1, conflicts: 0 });
});

describe('ends in the same state', () => {
  const crash = new Error('the function died');
  let death: PromiseWithResolvers<never>;
  const steps: [string, () => void][] = [
    ['before the claims', () => failOnce(identities, 'claim', 'before')],
    ['after the claims and before the pages', () => failOnce(identities, 'claim', 'after')],
    ['after the pages', () => failOnce(pages, 'write', 'after')],
    ['before the receipt', () => failOnce(lanes, 'putReceipts', 'before')],
    ['after the receipt', () => failOnce(lanes, 'putReceipts', 'after')],
    ['after the look for its run', () => failOnce(lanes, 'lastRun', 'after')],
  ];

  it.each(steps)('when it crashes %s and the records are delivered again', async (_, arrange) => {
    death = Promise.withResolvers();
    arrange();
    await expect(Promise.race([consume(recordOf('a', events(9))), death.promise])).rejects.toThrow(crash);

    await consume(recordOf('a', events(9)), recordOf('b', events(11)));

    expect(await total()).toBe(11);
    expect(pages.eventIds()).toHaveLength(11);
    expect(receipt('a')).toMatchObject({ stored: 9, duplicates: 0 });
    expect(receipt('b')).toMatchObject({ stored: 2, duplicates: 9 });
  });

  function failOnce<T extends object>(target: T, method: keyof T & string, when: 'before' | 'after'): void {
    const real = (target[method] as (...args: unknown[]) => Promise<unknown>).bind(target);
    let failed = false;
    Object.assign(target, {
      [method]: async (...args: unknown[]) => {
        if (failed) return real(...args);
        failed = true;
        if (when === 'after') await real(...args);
        death.reject(crash);
        // A crashed function receives no answer.
        return new Promise(() => undefined);
      },
    });
  }
});

describe('while the tables are unavailable', () => {
  const outage = (lastsMs: number) => {
    const real = identities.claim.bind(identities);
    const endMs = clock.nowMs + lastsMs;
    identities.claim = (claims) =>
      clock.nowMs < endMs ? Promise.reject(new Unavailable('unavailable')) : real(claims);
  };

  it('keeps its records, retries, and finishes them when the tables are back', async () => {
    outage(10 * 60_000);

    const result = await consume(recordOf('a', events(5)));

    expect(result.batchItemFailures).toEqual([]);
    expect(await total()).toBe(5);
  });

  it('publishes the metric during the outage, not when the invocation ends', async () => {
    outage(5 * 60_000);

    await consume(recordOf('a', events(5)));

    expect(meter.published).toBeGreaterThan(10);
    expect(meter.total(metricNames.heldRecords)).toBe(meter.published);
  });

  it('reports what it could not finish shortly before its timeout', async () => {
    outage(3_600_000);
    const startMs = clock.nowMs;

    const result = await consume(recordOf('a', events(5)), recordOf('b', events(6)));

    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['1', '2']);
    expect(clock.nowMs - startMs).toBeGreaterThan(13 * 60_000);
    expect(clock.nowMs - startMs).toBeLessThan(15 * 60_000);
  });

  it.each([
    ['counting', () => (lanes.putReceipts = slowly)],
    ['looking for the run of', () => (lanes.lastRun = slowly)],
    ['quarantining', () => (failedRecords.put = slowly)],
  ])(
    'reports in time what it could not finish, even if %s each of many records is slow',
    async (_, arrange) => {
      arrange();
      const startMs = clock.nowMs;
      const ofAccount = (index: number) => {
        const own = { tenant: { account: `a-${index}`, environment: 'production', generation: 0 } };
        const list = index % 2 === 0 ? [event()] : [null as unknown as AcceptedEvent];
        return recordOf(`b${index}`, list, nowMs, own);
      };

      const result = await consume(...Array.from({ length: 100 }, (_each, index) => ofAccount(index)));

      expect(result.batchItemFailures.length).toBeGreaterThan(40);
      expect(clock.nowMs - startMs).toBeLessThan(delivery.consumeTimeoutSeconds * 1000);
    },
  );

  /** Like a table that answers no call: each of three tries times out after five seconds. */
  const slowly = async (): Promise<never> => {
    const endMs = clock.nowMs + 15_000;
    await setImmediate();
    clock.nowMs = Math.max(clock.nowMs, endMs);
    throw new Unavailable('unavailable');
  };

  it('for an hour, the retries of the mapping suffice: all is counted', async () => {
    outage(3_600_000);
    let result = await consume(recordOf('a', events(5)));
    let retries = 0;
    while (result.batchItemFailures.length > 0) {
      retries += 1;
      result = await consume(recordOf('a', events(5)));
    }

    expect(retries).toBeLessThanOrEqual(delivery.retryAttempts);
    expect(await total()).toBe(5);
  });
});

describe('an id that ingest made', () => {
  const made = async (batch: string, receivedAtMs = nowMs, more: Partial<AcceptedEvent> = {}) => {
    const seed = makeSeed(receivedAtMs, Buffer.from(batch.padEnd(9)));
    const key = await platformKeys.current();
    const plain = event({ made: ['event_id'], timestamp: receivedAtMs, ...more });
    const place = { seed, part: 0, index: 0, slot: 0, timestamp: plain.timestamp, retentionDays: 30 };
    const event_id = makeEventId(place, digestOf(plain), tenant, key);
    const batchId = Buffer.from(seed).toString('base64url');
    const { made: _, ...asClient } = plain;
    return {
      batchId,
      record: recordOf(batchId, [{ ...plain, event_id }], receivedAtMs),
      sentBack: { ...asClient, event_id },
    };
  };
  const verdictOf = async (batchId: string) => {
    const { stored, duplicates, conflicts } = receipt(batchId) ?? {};
    return { stored, duplicates, conflicts };
  };

  it('claims nothing, and is stored and counted', async () => {
    const { batchId, record } = await made('one');

    await consume(record);

    expect(identities.held.size).toBe(0);
    expect(await verdictOf(batchId)).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
    expect(receipt(batchId)).toMatchObject({ pageWidth: 1 });
  });

  it('is a duplicate when it is sent back with its event, and a conflict with another', async () => {
    const { record, sentBack } = await made('one');
    await consume(record);

    await consume(
      recordOf('same', [sentBack], nowMs + 1000),
      recordOf('other', [{ ...sentBack, type: 'other' }], nowMs + 1000),
    );

    expect(await verdictOf('same')).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
    expect(await verdictOf('other')).toEqual({ stored: 0, duplicates: 0, conflicts: 1 });
    expect(identities.held.size).toBe(0);
    expect(await total()).toBe(1);
  });

  it('is a duplicate also while its record is still on its way', async () => {
    const { sentBack } = await made('one');

    await consume(recordOf('early', [sentBack], nowMs + 1000));

    expect(await verdictOf('early')).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
  });

  it('is free after its retention, and claimed like any other', async () => {
    const { record, sentBack } = await made('one');
    await consume(record);

    await consume(recordOf('later', [sentBack], nowMs + 30 * dayMs + 1));

    expect(await verdictOf('later')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
    expect([...identities.held.keys()]).toEqual([identityKey(tenant, sentBack.event_id)]);
  });

  it('is an id like any other for another tenant, and when its mark is not ours', async () => {
    const { record, sentBack } = await made('one');
    await consume(record);
    const forged = `${sentBack.event_id.slice(0, -1)}${sentBack.event_id.endsWith('A') ? 'B' : 'A'}`;

    await consume(recordOf('forged', [{ ...sentBack, event_id: forged }], nowMs + 1000));
    await consume(recordOf('foreign', [sentBack], nowMs + 1000, { tenant: { ...tenant, account: 'other' } }));

    expect(await verdictOf('forged')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
    expect(identities.held.size).toBe(2);
  });

  it('of a discarded record is free for what is received after its pages are gone', async () => {
    const { batchId, record, sentBack } = await made('one');
    await consume(record);
    const found = receipt(batchId);
    const freed = { ...found, state: 'discarded', freedAtMs: nowMs + 5000 } as Receipt;
    await lanes.commit({
      changes: [{ ...(found && { from: found }), to: freed }],
      documents: [],
      marks: [],
    });

    await consume(recordOf('before', [sentBack], nowMs + 5000), recordOf('after', [sentBack], nowMs + 5001));

    expect(await verdictOf('before')).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
    expect(await verdictOf('after')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
  });

  it('is claimed by its own record, too, once its retention is over: others may have it by then', async () => {
    const { batchId, record, sentBack } = await made('one');
    await consume(recordOf('later', [sentBack], nowMs + 30 * dayMs + 1));
    clock.nowMs = nowMs + 31 * dayMs;

    await consume(record);

    expect(await verdictOf(batchId)).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
    expect(await total()).toBe(1);
  });

  it('looks its key up once a record, however many ids look made', async () => {
    const numbers: number[] = [];
    const find = platformKeys.find.bind(platformKeys);
    platformKeys.find = (number) => {
      numbers.push(number);
      return find(number);
    };
    const random = seededRandom(1);
    const ids = Array.from({ length: 300 }, () => Buffer.from(random.bytes(36)).toString('base64url'));

    await consume(
      recordOf(
        'random',
        ids.map((event_id) => event({ event_id })),
      ),
    );

    platformKeys.find = find;
    expect(numbers.length).toBe(new Set(numbers).size);
    expect(await total()).toBe(300);
  });

  describe('whose record never came', () => {
    const longAfter = nowMs + longestStreamMs + 20 * minuteMs;
    const kept = { retentionDays: 400 };
    const unknown = async () => {
      const seed = makeSeed(nowMs, Buffer.from('lost'.padEnd(9)));
      const plain = event({ made: ['event_id'] });
      const place = { seed, part: 0, index: 0, slot: 0, timestamp: plain.timestamp, ...kept };
      const event_id = makeEventId(place, digestOf(plain), tenant, await platformKeys.current());
      const batchId = Buffer.from(seed).toString('base64url');
      const { made: _, ...asClient } = plain;
      return { batchId, own: { ...plain, event_id }, sentBack: { ...asClient, event_id } };
    };

    it('is free for the event that it was made for, once its record cannot come any more', async () => {
      const { sentBack, batchId } = await unknown();

      await consume(
        recordOf('same', [sentBack], longAfter),
        recordOf('other', [{ ...sentBack, type: 'other' }], longAfter),
      );

      expect(await verdictOf('same')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
      expect(await verdictOf('other')).toEqual({ stored: 0, duplicates: 0, conflicts: 1 });
      expect(receipt(batchId)).toMatchObject({ state: 'void' });
    });

    it('is claimed by its record, too, should that come after all: it is stored once', async () => {
      const { sentBack, own, batchId } = await unknown();
      await consume(recordOf('same', [sentBack], longAfter));

      await consume(recordOf(batchId, [own], nowMs));

      expect(await verdictOf(batchId)).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
      expect(await total()).toBe(1);
      expect(await intake()).toMatchObject({ received: 2, stored: 1, duplicates: 1 });
      expect(pages.eventIds()).toEqual([own.event_id]);
    });

    it('is claimed by its record also after that was in quarantine', async () => {
      const { sentBack, own, batchId } = await unknown();
      await consume(recordOf('same', [sentBack], longAfter));
      const isVoid = receipt(batchId);
      const quarantined = { ...isVoid, state: 'quarantined', accepted: 1 } as Receipt;
      await lanes.commit({
        changes: [{ ...(isVoid && { from: isVoid }), to: quarantined }],
        documents: [],
        marks: [],
      });

      await consume(recordOf(batchId, [own], nowMs));

      expect(await verdictOf(batchId)).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
      expect(await total()).toBe(1);
    });

    it('stays free for whoever took it, whatever becomes of its record meanwhile', async () => {
      const { sentBack, own, batchId } = await unknown();
      const put = lanes.putReceipts.bind(lanes);
      lanes.putReceipts = (receipts) =>
        receipts.some(({ record }) => record === 'same.0')
          ? Promise.reject(new Unavailable('died'))
          : put(receipts);
      clock.nowMs = longAfter;
      await consume(recordOf('same', [sentBack], longAfter));
      lanes.putReceipts = put;
      await consume(recordOf(batchId, [own], nowMs));

      await consume(recordOf('same', [sentBack], longAfter));

      expect(await verdictOf('same')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
      expect(await total()).toBe(1);
    });

    it('never costs its record the receipt: a void that comes in between has it tried again', async () => {
      const { sentBack, own, batchId } = await unknown();
      const put = lanes.putReceipts.bind(lanes);
      let isTaken = false;
      lanes.putReceipts = async (receipts) => {
        const isOwn = receipts.some(
          ({ record, state }) => record === recordId(batchId, 0) && state !== 'void',
        );
        if (!isTaken && isOwn) {
          isTaken = true;
          await consume(recordOf('same', [sentBack], longAfter));
        }
        return put(receipts);
      };

      await consume(recordOf(batchId, [own, event({ event_id: 'beside' })], nowMs));

      expect(receipt(batchId)).toMatchObject({ state: 'counted', stored: 1, duplicates: 1 });
      expect(await verdictOf('same')).toEqual({ stored: 1, duplicates: 0, conflicts: 0 });
    });

    it('stays with whoever sent it before its record was given up', async () => {
      const { sentBack } = await unknown();
      await consume(recordOf('late', [sentBack], longAfter));

      await consume(recordOf('early', [sentBack], nowMs + 1000));

      expect(await verdictOf('early')).toEqual({ stored: 0, duplicates: 1, conflicts: 0 });
    });
  });
});

describe('quarantines a whole record', () => {
  const damaged = (batchId: string, count: number) => {
    const { partitionKey, data } = recordOf(batchId, events(count));
    return { partitionKey, data: Buffer.concat([data.subarray(0, -1), Buffer.from([0])]) };
  };
  const poison = (batchId: string, count = 2) =>
    recordOf(batchId, [...events(count - 1), null as unknown as AcceptedEvent]);
  const inQuarantine = async () => {
    const found = [];
    for await (const entry of lanes.quarantine.list(tenant, 0, clock.nowMs + 1)) found.push(entry);
    return found;
  };
  const payload = (batchId: string) => failedRecords.get(payloadName(tenant, `${batchId}.0`));

  it.each([
    ['undecodable', 'the checksum does not match', damaged],
    ['failed', 'TypeError', poison],
  ] as const)(
    'that is %s: payload, receipt, counts and an entry with the reason; the other records are stored',
    async (reason, cause, make) => {
      const bad = make('bad', 4);
      const startMs = clock.nowMs;

      const result = await consume(recordOf('a', events(2)), bad, recordOf('b', events(4)));

      expect(result.batchItemFailures).toEqual([]);
      expect(await payload('bad')).toEqual(Uint8Array.from(bad.data));
      expect(receipt('bad')).toMatchObject({ state: 'quarantined', reason, accepted: 4, stored: 0 });
      expect(await inQuarantine()).toMatchObject([
        {
          record: 'bad.0',
          reason,
          cause: expect.stringContaining(cause),
          events: 4,
          requestId: 'r',
          attempts: 0,
        },
      ]);
      expect(await intake()).toMatchObject({ received: 10, stored: 4, duplicates: 2, quarantined: 4 });
      expect(await total()).toBe(4);
      expect(meter.total(metricNames.quarantinedRecords)).toBe(1);
      expect(meter.total(metricNames.quarantinedEvents)).toBe(4);
      expect(clock.nowMs).toBe(startMs);
    },
  );

  it('that a later release wrote under its account: it is replayed automatically, and the others are stored', async () => {
    const batchId = Buffer.concat([makeSeed(nowMs, new Uint8Array(9)), new Uint8Array(19)]).toString(
      'base64url',
    );
    const written = recordOf(batchId, events(4));
    const later = ofLaterVersion(written.data);

    const result = await consume({ ...written, data: later }, recordOf('good', events(3)));

    expect(result).toEqual({ batchItemFailures: [] });
    expect(await total()).toBe(3);
    expect(receipt(batchId)).toMatchObject({ state: 'quarantined', accepted: 4, receivedAtMs: nowMs });
    expect(await inQuarantine()).toMatchObject([{ reason: 'newer_version', batchId, events: 4 }]);
    expect(await Array.fromAsync(lanes.quarantine.jobs(nowMs + dayMs))).toMatchObject([{ kind: 'replay' }]);
    expect(await failedRecords.get(payloadName(tenant, recordId(batchId, 0)))).toEqual(new Uint8Array(later));
  });

  it('whose partition key is not that of its header under no account: nothing says whose it is', async () => {
    const { data } = recordOf('forged', events(2));

    await consume({ partitionKey: streamKey({ ...tenant, account: 'other' }, 0, false), data });

    expect(receipt('forged')).toBeUndefined();
    expect(await failedRecords.get('unreadable/1')).toEqual(new Uint8Array(data));
  });

  it('and names it in the log, without its content', async () => {
    await consume(poison('bad'));

    expect(logger.error).toHaveBeenLastCalledWith('a record is quarantined', {
      request_id: 'r',
      account: 'acme',
      environment: 'production',
      generation: 0,
      record: 'bad.0',
      events: 2,
      reason: 'failed',
      cause: 'TypeError',
    });
  });

  it('once, however often it is delivered', async () => {
    await consume(damaged('bad', 4), damaged('bad', 4));
    await consume(damaged('bad', 4));
    await consume(poison('worse', 3));
    await consume(poison('worse', 3));

    expect(await intake()).toMatchObject({ received: 7, quarantined: 7 });
    expect(await inQuarantine()).toHaveLength(2);
    expect(meter.total(metricNames.quarantinedRecords)).toBe(2);
  });

  it('the payload first: while the bucket is unavailable it retries, and there is no receipt yet', async () => {
    const real = failedRecords.put.bind(failedRecords);
    failedRecords.put = async (name, data) => {
      if (clock.nowMs < nowMs + 60_000) {
        expect(receipt('bad')).toBeUndefined();
        throw new Unavailable('unavailable');
      }
      return real(name, data);
    };

    const result = await consume(damaged('bad', 4), recordOf('a', events(2)));

    expect(result.batchItemFailures).toEqual([]);
    expect(receipt('bad')).toMatchObject({ state: 'quarantined' });
    expect(meter.total(metricNames.heldRecords)).toBeGreaterThan(0);
    expect(await total()).toBe(2);
  });

  it('only if it has no receipt: a record that was counted meanwhile stays counted', async () => {
    const good = recordOf('a', events(3));
    const real = failedRecords.put.bind(failedRecords);
    failedRecords.put = async (name, data) => {
      await real(name, data);
      await consume(good);
    };

    await consume({ ...good, data: damaged('a', 3).data });

    expect(receipt('a')).toMatchObject({ state: 'counted', stored: 3 });
    expect(await intake()).toMatchObject({ received: 3, stored: 3, quarantined: 0 });
    expect(await inQuarantine()).toEqual([]);
  });

  it('that cannot be counted, and counts the others of the invocation', async () => {
    const put = lanes.putReceipts.bind(lanes);
    lanes.putReceipts = async (receipts) => {
      if (receipts.some(({ record }) => record === 'bad.0')) throw new RangeError('too large');
      return put(receipts);
    };

    const result = await consume(
      recordOf('a', events(2)),
      recordOf('bad', [event({ event_id: 'x' })]),
      recordOf('b', [event({ event_id: 'y' })]),
    );

    expect(result.batchItemFailures).toEqual([]);
    expect(receipt('bad')).toMatchObject({ state: 'quarantined', reason: 'failed' });
    expect(await intake()).toMatchObject({ received: 4, stored: 3, quarantined: 1 });
  });

  it('and stores it once when it is delivered again and our code is mended', async () => {
    const real = pages.write.bind(pages);
    pages.write = () => Promise.reject(new TypeError('a bug'));
    await consume(recordOf('a', events(3)));
    pages.write = real;
    expect(receipt('a')).toMatchObject({ state: 'quarantined', reason: 'failed' });

    await consume(recordOf('a', events(3)));
    await consume(recordOf('a', events(3)));

    expect(receipt('a')).toMatchObject({ state: 'counted', stored: 3, duplicates: 0 });
    expect(await intake()).toMatchObject({
      received: 3,
      stored: 3,
      quarantined: 0,
      bytes: expect.any(Number),
    });
    expect(await inQuarantine()).toEqual([]);
    expect(meter.total(metricNames.replayedRecords)).toBe(1);
    expect(await total()).toBe(3);
  });

  it('but not a discarded one, which it leaves as it is', async () => {
    await consume(damaged('a', 3));
    const found = receipt('a');
    if (!found) throw new Error('no receipt');
    await lanes.commit({
      changes: [{ from: found, to: { ...found, state: 'discarded' } }],
      documents: [],
      marks: [],
    });

    const result = await consume(recordOf('a', events(3)));

    expect(result.batchItemFailures).toEqual([]);
    expect(identities.held.size).toBe(0);
    expect(pages.eventIds()).toEqual([]);
    expect(await intake()).toMatchObject({ received: 3, stored: 0, quarantined: 3 });
  });

  it('whose header cannot be read under its sequence number, and logs it', async () => {
    const unreadable = { partitionKey: streamKey(tenant, 0, false), data: Buffer.from('not an envelope') };

    const result = await consume(recordOf('a', events(2)), unreadable, recordOf('b', events(4)));

    expect(result.batchItemFailures).toEqual([]);
    expect(await failedRecords.get('unreadable/2')).toEqual(Uint8Array.from(unreadable.data));
    expect(await total()).toBe(4);
    expect(meter.total(metricNames.quarantinedRecords)).toBe(1);
    expect(logger.error).toHaveBeenCalledWith('a record cannot be read', {
      sequenceNumber: '2',
      error: expect.any(UnreadableEnvelope),
    });
  });
});

it('measures the claims that another record held already', async () => {
  await consume(recordOf('a', events(5)));
  await consume(recordOf('b', events(7)));

  expect(meter.values(metricNames.contestedClaims)).toEqual([5]);
});

it('marks a closed day once it is folded into, and no other', async () => {
  const yesterday = nowMs - dayMs;
  const mark = `acme#production#0#${floorTo(yesterday, dayMs)}`;
  await consume(recordOf('a', [event({ event_id: 'x', timestamp: yesterday }), event({ event_id: 'y' })]));
  clock.nowMs += 2 * hourMs;
  await foldRun(world.deps(), lane);
  expect([...lanes.marks]).toEqual([[mark, 1]]);

  await consume(recordOf('b', [event({ event_id: 'z', timestamp: yesterday })], nowMs + minuteMs));
  clock.nowMs += 2 * hourMs;
  await foldRun(world.deps(), lane);

  expect([...lanes.marks]).toEqual([[mark, 2]]);
});

describe('a record of a request that is traced', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parentId = '00f067aa0ba902b7';
  const traced = (trace: string, batchId = 'b', count = 3) =>
    recordOf(batchId, events(count), nowMs, { requestId: `request-of-${batchId}`, trace });
  const sampled = `00-${traceId}-${parentId}-01`;

  it('is a child span of the request, from when it was received to when it was counted', async () => {
    const startMs = clock.nowMs;
    const put = lanes.putReceipts.bind(lanes);
    lanes.putReceipts = (receipts) => {
      clock.nowMs += 25;
      return put(receipts);
    };

    await consume(traced(sampled));

    expect(spans).toEqual([
      {
        name: 'consume',
        context: { traceId, parentId, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), sampled: true },
        startMs,
        endMs: startMs + 25,
        attributes: { batch_id: 'b', part: 0, stored: 3, duplicates: 0, conflicts: 0, freshness_ms: 65 },
      },
    ]);
  });

  it('is a log line with the request and what was stored', async () => {
    await consume(traced(sampled, 'a', 2));
    await consume(traced(sampled, 'b', 5));

    expect(logger.info.mock.calls.at(-1)).toEqual([
      'record stored',
      {
        request_id: 'request-of-b',
        trace_id: traceId,
        span_id: spans[1]?.context.spanId,
        parent_span_id: parentId,
        account: 'acme',
        environment: 'production',
        generation: 0,
        batch_id: 'b',
        part: 0,
        stored: 3,
        duplicates: 2,
        conflicts: 0,
        freshness_ms: 40,
      },
    ]);
  });

  it('has each of several records of an invocation under its own request', async () => {
    const other = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

    await consume(traced(sampled, 'a'), traced(other, 'b'));

    expect(spans.map(({ context }) => [context.traceId, context.parentId])).toEqual([
      [traceId, parentId],
      ['a'.repeat(32), 'b'.repeat(16)],
    ]);
    expect(new Set(spans.map(({ context }) => context.spanId)).size).toBe(2);
  });

  it('is read from an older record, which carries the X-Ray header', async () => {
    await consume(traced('Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'));

    expect(spans).toMatchObject([
      { context: { traceId: '5759e988bd862e3fe1be46a994272793', parentId: '53995c3f42cd8ad8' } },
    ]);
  });

  it.each([
    ['not sampled', `00-${traceId}-${parentId}-00`],
    ['not readable', 'what is this?'],
  ])('is neither a span nor a log line if its trace is %s', async (_, trace) => {
    const result = await consume(traced(trace));

    expect(result.batchItemFailures).toEqual([]);
    expect(spans).toEqual([]);
    expect(logger.info).not.toHaveBeenCalled();
    expect(await total()).toBe(3);
  });

  it('is logged once, by the consumer that counted it', async () => {
    await Promise.all([consume(traced(sampled)), consume(traced(sampled))]);
    await consume(traced(sampled));

    expect(spans).toHaveLength(1);
    expect(logger.info).toHaveBeenCalledOnce();
  });

  it('is named by request and trace while a table is unavailable, sampled or not', async () => {
    let left = 1;
    const real = identities.claim.bind(identities);
    identities.claim = (claims) => {
      left -= 1;
      return left < 0 ? real(claims) : Promise.reject(new Unavailable('unavailable'));
    };

    await consume(traced(`00-${traceId}-${parentId}-00`));

    expect(logger.warn).toHaveBeenCalledExactlyOnceWith(
      'a dependency is unavailable; the records are retried',
      {
        unavailable: 'unavailable',
        records: 1,
        requests: [{ request_id: 'request-of-b', trace_id: traceId }],
      },
    );
  });

  it('is named among at most ten when more records wait', async () => {
    let left = 1;
    const real = lanes.receipts.bind(lanes);
    lanes.receipts = (places) => {
      left -= 1;
      return left < 0 ? real(places) : Promise.reject(new Unavailable('unavailable'));
    };

    await consume(...Array.from({ length: 30 }, (_, index) => traced(sampled, `b${index}`)));

    const [, line] = logger.warn.mock.calls[0] ?? [];
    expect(line).toMatchObject({ records: 30 });
    expect(line.requests).toHaveLength(10);
  });

  it('is named when its body is damaged, whatever its header holds', async () => {
    const damaged = (trace: string, batchId: string) => {
      const { partitionKey, data } = traced(trace, batchId);
      return { partitionKey, data: data.subarray(0, -1) };
    };

    await consume(damaged(sampled, 'a'), damaged('none', 'b'));

    const lines = logger.error.mock.calls.map(([, line]) => line);
    expect(lines).toMatchObject([
      { record: 'a.0', request_id: 'request-of-a', trace_id: traceId },
      { record: 'b.0', request_id: 'request-of-b' },
    ]);
    expect(lines[1]).not.toHaveProperty('trace_id');
  });
});
