import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { readBatchId } from '../../../../domain/record/batch-id.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { readTrace } from '../../../../domain/system/trace.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

let ingest: ReturnType<typeof startIngest>;
beforeEach(() => {
  ingest = startIngest();
});

describe('an accepted batch', () => {
  it('is on the stream, whole, in one record under the key of its account, before the 202', async () => {
    const answer = await ingest.post([
      { event_id: 'a', type: 'login' },
      { event_id: 'b', type: 'login' },
    ]);

    expect(answer.statusCode).toBe(202);
    expect(ingest.stream.records.map(({ partitionKey }) => partitionKey)).toEqual(['acme#production#0#0']);
    const [envelope] = ingest.envelopes();
    expect(envelope?.events.map(({ event_id }) => event_id)).toEqual(['a', 'b']);
    expect(envelope?.header).toMatchObject({
      tenant: caller.tenant,
      batchId: answer.json.batch_id,
      part: 0,
      parts: 1,
      receivedAtMs: ingest.clock.nowMs,
      retentionDays: 30,
      region: 'eu-west-1',
      requestId: 'request-1',
    });
  });

  it('is answered with its id, its receipt, and the request id', async () => {
    const { json, headers } = await ingest.post([{ event_id: 'a', type: 'login' }]);

    expect(json).toEqual({
      batch_id: json.batch_id,
      accepted: 1,
      rejected: [],
      receipt: `/v1/batches/${json.batch_id}`,
    });
    expect(headers).toEqual({ 'x-request-id': 'request-1', 'content-type': 'application/json' });
    const { secret } = await ingest.platformKeys.current();
    expect(readBatchId(json.batch_id, caller.tenant, secret)).toMatchObject({ parts: 1 });
  });

  it('may be one object, lines, or compressed', async () => {
    await ingest.post({ event_id: 'a', type: 'login' });
    await ingest.post('{"event_id":"b","type":"t"}\r\n{"event_id":"c","type":"t"}\n', {
      headers: { 'Content-Type': 'application/x-ndjson' },
    });
    const compressed = gzipSync('[{"event_id":"d","type":"t"}]').toString('base64');
    await ingest.post(compressed, { isBase64Encoded: true, headers: { 'Content-Encoding': 'gzip' } });

    const ids = ingest.envelopes().map(({ events }) => events.map(({ event_id }) => event_id));
    expect(ids).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  it('keeps its valid events when others are invalid, and counts both', async () => {
    const { json } = await ingest.post([
      { event_id: 'a', type: 'login' },
      { event_id: 'b' },
      { type: 'made' },
      { event_id: 'a', type: 'again' },
    ]);

    expect(json).toMatchObject({
      accepted: 2,
      rejected: [
        { index: 1, event_id: 'b', code: 'missing_field' },
        { index: 3, event_id: 'a', code: 'duplicate_in_batch' },
      ],
    });
    expect(json.assigned).toEqual([{ index: 2, event_id: expect.stringMatching(/^[A-Za-z0-9_-]{48}$/) }]);
    expect(ingest.meter.total(metricNames.acceptedEvents)).toBe(2);
    expect(ingest.meter.total(metricNames.rejectedEvents)).toBe(2);
    expect(ingest.logger.info).toHaveBeenCalledWith('events rejected', {
      ...caller.tenant,
      codes: { missing_field: 1, duplicate_in_batch: 1 },
    });
  });

  it('has timestamps in milliseconds, and the time of receipt for events without one', async () => {
    const { nowMs } = ingest.clock;
    await ingest.post([{ type: 't' }, { type: 't', timestamp: '2026-11-21T11:24:59.5+01:00' }]);

    const [envelope] = ingest.envelopes();
    expect(envelope?.events.map(({ timestamp }) => timestamp)).toEqual([nowMs, nowMs - 500]);
  });

  it('is split if its events are late, or of more than 32 hours (R2)', async () => {
    const hoursAgo = (hours: number) => ingest.clock.nowMs - hours * hourMs;
    const events = Array.from({ length: 60 }, (_, index) => ({ type: 't', timestamp: hoursAgo(index) }));

    const { json } = await ingest.post(events);

    expect(ingest.envelopes().map(({ header, events: { length } }) => [header.part, length])).toEqual([
      [0, 25],
      [1, 32],
      [2, 3],
    ]);
    expect(ingest.stream.records.map(({ partitionKey }) => partitionKey)).toEqual([
      'acme#production#0#0',
      'acme#production#0#0#late',
      'acme#production#0#0#late',
    ]);
    expect(new Set(ingest.envelopes().map(({ header }) => header.batchId))).toEqual(new Set([json.batch_id]));
  });

  it('of an account with slots goes to one of them', async () => {
    for (let sent = 0; sent < 20; sent += 1)
      await ingest.post([{ type: 't' }], { caller: { ...caller, slots: [0, 1, 4] } });

    const slots = new Set(ingest.stream.records.map(({ partitionKey }) => partitionKey));
    expect(slots).toEqual(new Set(['acme#production#0#0', 'acme#production#0#1', 'acme#production#0#4']));
  });
});

describe('the stream of a batch', () => {
  it('is that of its slots, and its late events travel as those of others', async () => {
    const late = new Date(ingest.clock.nowMs - 3 * dayMs);
    await ingest.post([{ type: 't' }, { type: 't', timestamp: late }], {
      caller: { ...caller, stream: 'priority', slots: [4] },
    });
    await ingest.post([{ type: 't' }]);

    const keysOf = ({ records }: typeof ingest.stream) => records.map(({ partitionKey }) => partitionKey);
    expect(keysOf(ingest.priority)).toEqual(['acme#production#0#4', 'acme#production#0#4#late']);
    expect(keysOf(ingest.stream)).toEqual(['acme#production#0#0']);
  });
});

describe('the time of a request', () => {
  const deadlines = async (underwayMs: number | undefined) => {
    const given: number[] = [];
    const { post, clock } = startIngest({
      stream: { put: async (_, deadlineMs) => void given.push(deadlineMs) },
    });
    await post([{ type: 't' }], underwayMs === undefined ? {} : { takenAtMs: clock.nowMs - underwayMs });
    return given.map((deadlineMs) => deadlineMs - clock.nowMs);
  };

  it.each([
    ['is ten seconds, of which four are kept for the answer', 0, 6000],
    ['runs while the function starts', 1200, 4800],
    ["ignores the gateway's clock if it is ahead", -60_000, 6000],
    ["counts at most three seconds if the gateway's clock is far behind", 60_000, 3000],
    ['counts from the start of the function if the gateway gives no time', undefined, 6000],
  ])('%s', async (_, underwayMs, leftMs) => {
    expect(await deadlines(underwayMs)).toEqual([leftMs]);
  });
});

describe('if much of the time is used before the stream is called', () => {
  const after = async (spentMs: number) => {
    const given: number[] = [];
    const run: ReturnType<typeof startIngest> = startIngest({
      stream: { put: async (_, deadlineMs) => void given.push(deadlineMs - run.clock.nowMs) },
      checkSignature: async () => {
        run.clock.nowMs += spentMs;
      },
    });
    await run.post([{ type: 't' }]);
    return given;
  };

  it('less is left for the stream, by the clock of the function', async () => {
    expect(await after(4500)).toEqual([1500]);
  });

  it('the time before the function and the time in it both count', async () => {
    const given: number[] = [];
    const run: ReturnType<typeof startIngest> = startIngest({
      stream: { put: async (_, deadlineMs) => void given.push(deadlineMs - run.clock.nowMs) },
      checkSignature: async () => {
        run.clock.nowMs += 2000;
      },
    });
    await run.post([{ type: 't' }], { takenAtMs: run.clock.nowMs - 1500 });

    expect(given).toEqual([10_000 - 1500 - 2000 - 4000]);
  });

  it('the request is refused in time, without calling the stream', async () => {
    await expect(after(6500)).rejects.toThrow(Unavailable);
  });
});

it('an empty batch is refused with a detail of its own', async () => {
  const { statusCode, json } = await ingest.post([]);

  expect(statusCode).toBe(422);
  expect(json).toMatchObject({
    code: 'no_valid_event',
    detail: 'There is no event in the batch.',
    rejected: [],
  });
});

describe('the trace of a request', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

  it("is the client's own, and its record is a child of our span", async () => {
    await ingest.post([{ type: 't' }], { headers: { Traceparent: traceparent } });

    const [span] = ingest.spans;
    expect(span).toMatchObject({
      name: 'ingest',
      failed: false,
      context: { traceId, parentId: '00f067aa0ba902b7', sampled: true },
      attributes: { request_id: 'request-1' },
    });
    expect(readTrace(ingest.envelopes()[0]?.header.trace ?? '')).toEqual({
      traceId,
      parentId: span?.context.spanId,
      sampled: true,
    });
  });

  it("is the gateway's if the client sends none, or an invalid one", async () => {
    const headers = {
      traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      'X-Amzn-Trace-Id': `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=53995c3f42cd8ad8;Sampled=0${'x'.repeat(500)}`,
    };
    await ingest.post([{ type: 't' }], { headers });

    const { trace = '' } = ingest.envelopes()[0]?.header ?? {};
    expect(readTrace(trace)).toMatchObject({ traceId, sampled: false });
    expect(trace).toHaveLength(55);
  });

  it('is left out of the record if there is none', async () => {
    await ingest.post([{ type: 't' }]);

    expect(ingest.envelopes()[0]?.header).not.toHaveProperty('trace');
    expect(ingest.spans).toEqual([]);
  });

  it('is marked as failed if we failed, and not if the client did', async () => {
    const { post, refusal, spans } = startIngest({
      stream: { put: () => Promise.reject(new Unavailable('unavailable')) },
    });

    await expect(post([{ type: 't' }], { headers: { traceparent } })).rejects.toThrow('unavailable');
    expect(await refusal('{', { headers: { traceparent } })).toBe('invalid_json');
    expect(spans).toMatchObject([{ failed: true }, { failed: false }]);
  });
});

describe('a refused request', () => {
  it.each([
    ['an empty body', '', 'empty_body'],
    ['half a document', '[{"type":', 'invalid_json'],
    ['null', 'null', 'no_valid_event'],
    ['a number', '17', 'no_valid_event'],
    ['nothing valid', [{}], 'no_valid_event'],
    ['no event at all', [], 'no_valid_event'],
    ['501 events', Array.from({ length: 501 }, () => ({ type: 't' })), 'batch_too_large'],
    ['more than 512 KiB', `[${'"x",'.repeat(140_000)}"x"]`, 'batch_too_large'],
    ["another account's events", [{ type: 't', account_id: 'other' }], 'no_valid_event'],
  ])('with %s has its own code and puts nothing on the stream', async (_, body, code) => {
    expect(await ingest.refusal(body)).toBe(code);
    expect(ingest.stream.records).toEqual([]);
  });

  it('without any valid event names the reason of each', async () => {
    const { statusCode, headers, json } = await ingest.post([{}, { type: 't', account_id: 'other' }]);

    expect(statusCode).toBe(422);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(json).toMatchObject({
      code: 'no_valid_event',
      request_id: 'request-1',
      rejected: [
        { index: 0, code: 'missing_field', field: 'type' },
        { index: 1, code: 'wrong_account', field: 'account_id' },
      ],
    });
  });
});

describe('a client that prefers strict handling', () => {
  const headers = { Prefer: 'respond-async, handling=strict' };
  const mixed = [{ event_id: 'a', type: 't' }, { event_id: 'b' }];

  it('gets the whole batch refused for one invalid event', async () => {
    const answer = await ingest.post(mixed, { headers });

    expect(answer.statusCode).toBe(422);
    expect(answer.json).toMatchObject({ code: 'not_all_valid', rejected: [{ index: 1, event_id: 'b' }] });
    expect(answer.headers).toMatchObject({ 'preference-applied': 'handling=strict' });
    expect(ingest.stream.records).toEqual([]);
    expect(ingest.meter.total(metricNames.acceptedEvents)).toBe(0);
  });

  it('gets a batch accepted in which every event is valid', async () => {
    const answer = await ingest.post([{ type: 't' }], { headers });

    expect(answer.statusCode).toBe(202);
    expect(answer.headers).toMatchObject({ 'preference-applied': 'handling=strict' });
  });

  it('may prefer it in one of several header lines', async () => {
    const multiValueHeaders = { Prefer: ['handling=strict', 'return=minimal'] };

    expect(
      (await ingest.post(mixed, { headers: { Prefer: 'return=minimal' }, multiValueHeaders })).statusCode,
    ).toBe(422);
  });

  it.each([
    ['handling="strict"', 422],
    ['HANDLING = Strict; foo=bar', 422],
    ['handling=lenient', 202],
    ['handling=lenient, handling=strict', 202],
    ['handling=strictly', 202],
    ['return=minimal', 202],
  ])('is recognized: Prefer: %s is %i', async (prefer, status) => {
    expect((await ingest.post(mixed, { headers: { prefer } })).statusCode).toBe(status);
  });
});

describe('an account with a policy on personal data', () => {
  const withPolicy = { caller: { ...caller, policy: 'p1' } };
  beforeEach(() => {
    ingest.policies.set('acme#p1', {
      fields: [
        { name: 'password', action: 'refuse' },
        { name: 'note', action: 'redact' },
      ],
      detectors: [],
    });
  });

  it('gets events rejected by the name of the field, never its value, and others redacted', async () => {
    const { json } = await ingest.post(
      [
        { event_id: 'a', type: 't', metadata: { user: { password: 'hunter2' } } },
        { event_id: 'b', type: 't', metadata: { note: 'call Ada', total: 3 } },
      ],
      withPolicy,
    );

    expect(json).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, event_id: 'a', code: 'forbidden_personal_data', field: 'metadata.user.password' },
      ],
    });
    expect(JSON.stringify(json)).not.toContain('hunter2');
    expect(JSON.stringify(ingest.logger.info.mock.calls)).not.toContain('hunter2');
    expect(ingest.envelopes()[0]?.events).toMatchObject([
      { event_id: 'b', metadata: { note: '[redacted]', total: 3 } },
    ]);
  });

  it('gets no personal data back in the ids and names of rejected events', async () => {
    const address = 'ada@example.com';
    const { json } = await ingest.post(
      [
        { type: 't' },
        { event_id: address, type: 't', metadata: { password: 'x' } },
        { type: 't', [address]: 1 },
      ],
      withPolicy,
    );

    expect(json.rejected).toMatchObject([{ event_id: '*' }, { code: 'unknown_field', field: '*' }]);
    expect(JSON.stringify(json)).not.toContain(address);
  });

  it('gets 422 if no event is left', async () => {
    const { statusCode, json } = await ingest.post(
      [{ type: 't', metadata: { password: 'hunter2' } }],
      withPolicy,
    );

    expect(statusCode).toBe(422);
    expect(json).toMatchObject({ code: 'no_valid_event', rejected: [{ code: 'forbidden_personal_data' }] });
  });

  it('is refused while its policy is missing, rather than accepted without it', async () => {
    await expect(ingest.post([{ type: 't' }], { caller: { ...caller, policy: 'gone' } })).rejects.toThrow(
      Unavailable,
    );
    expect(ingest.stream.records).toEqual([]);
  });

  it('does not share it with another account', async () => {
    const other = {
      ...withPolicy.caller,
      tenant: { account: 'other', environment: 'production', generation: 0 },
    };
    await ingest.post([{ type: 't' }], withPolicy);

    await expect(ingest.post([{ type: 't' }], { caller: other })).rejects.toThrow(Unavailable);
  });
});

it('the signature is checked before the body is parsed, over the decompressed bytes', async () => {
  const seen: string[] = [];
  const { refusal } = startIngest({
    checkSignature: async (_, __, body) => {
      seen.push(Buffer.from(body).toString());
    },
  });

  const body = gzipSync('not JSON').toString('base64');
  expect(await refusal(body, { isBase64Encoded: true })).toBe('invalid_json');
  expect(await refusal('', {})).toBe('empty_body');
  expect(seen).toEqual(['not JSON']);
});

it('does not accept what the stream did not acknowledge', async () => {
  const { post, meter } = startIngest({ stream: { put: () => Promise.reject(new Unavailable('refused')) } });

  await expect(post([{ type: 't' }])).rejects.toThrow('refused');
  expect(meter.total(metricNames.acceptedEvents)).toBe(0);
});

describe('the clock of a client', () => {
  it.each([
    ['30 days back', -30 * dayMs, 202],
    ['30 days and 1 ms back', -30 * dayMs - 1, 422],
    ['10 minutes ahead', 10 * minuteMs, 202],
    ['10 minutes and 1 ms ahead', 10 * minuteMs + 1, 422],
  ])('may be %s: %i ms is %i', async (_, offsetMs, status) => {
    const timestamp = ingest.clock.nowMs + offsetMs;

    expect((await ingest.post([{ type: 't', timestamp }])).statusCode).toBe(status);
    expect(
      (await ingest.post([{ type: 't', timestamp: new Date(timestamp).toISOString() }])).statusCode,
    ).toBe(status);
  });
});
