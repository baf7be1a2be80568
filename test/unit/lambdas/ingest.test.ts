import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEventStream } from '../../../adapters/memory/event-stream.ts';
import { MemorySigningKey } from '../../../adapters/memory/signing-key.ts';
import { readBatchId } from '../../../domain/batch-id.ts';
import { openEnvelope } from '../../../domain/envelope.ts';
import { metricNames } from '../../../domain/metrics.ts';
import { dayMs } from '../../../domain/time.ts';
import { createIngest } from '../../../lambdas/ingest/ingest.ts';
import { ProblemError } from '../../../lambdas/shared/http.ts';
import { seededIds, TestClock } from '../../support/clock.ts';
import { silentLogger, TestMeter } from '../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../support/requests.ts';

const logger = { ...silentLogger, info: vi.fn() };
let stream: MemoryEventStream;
let signingKey: MemorySigningKey;
let meter: TestMeter;
let clock: TestClock;
beforeEach(() => {
  stream = new MemoryEventStream();
  signingKey = new MemorySigningKey(seededIds(9));
  meter = new TestMeter();
  clock = new TestClock();
});

const post = async (body: unknown, parts: RequestParts = {}) => {
  const ingest = createIngest({
    stream,
    signingKey,
    clock,
    ids: seededIds(),
    region: 'eu-west-1',
    meter,
    logger,
  });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await ingest(httpRequest({ body: text, ...parts }));
  return { ...answer, json: JSON.parse(answer.body) };
};
const refusal = (body: unknown, parts: RequestParts = {}) =>
  post(body, parts).then(
    () => 'accepted',
    (error) => (error instanceof ProblemError ? error.code : error),
  );

describe('an accepted batch', () => {
  it('is on the stream, whole, in one record under the key of its account, before 202 is said', async () => {
    const answer = await post([
      { event_id: 'a', type: 'login' },
      { event_id: 'b', type: 'login' },
    ]);

    expect(answer.statusCode).toBe(202);
    expect(stream.records.map(({ partitionKey }) => partitionKey)).toEqual(['acme#production#0']);
    const [record] = stream.records;
    const envelope = openEnvelope(record?.data ?? new Uint8Array());
    expect(envelope.events.map(({ event_id }) => event_id)).toEqual(['a', 'b']);
    expect(envelope.header).toMatchObject({
      tenant: caller.tenant,
      batchId: answer.json.batch_id,
      part: 0,
      parts: 1,
      receivedAtMs: clock.nowMs,
      retentionDays: 30,
      region: 'eu-west-1',
      requestId: 'request-1',
    });
  });

  it('is told with its id, its receipt, and the request id', async () => {
    const { json, headers } = await post([{ event_id: 'a', type: 'login' }]);

    expect(json).toEqual({
      batch_id: json.batch_id,
      accepted: 1,
      rejected: [],
      receipt: `/v1/batches/${json.batch_id}`,
    });
    expect(headers).toMatchObject({ 'x-request-id': 'request-1', 'content-type': 'application/json' });
    expect(readBatchId(json.batch_id, caller.tenant, await signingKey.ensure())).toMatchObject({ parts: 1 });
  });

  it('may be a single object, or base64 as the gateway hands over binary', async () => {
    await post({ event_id: 'a', type: 'login' });
    const body = Buffer.from('[{"event_id":"b","type":"login","service":"grüße"}]').toString('base64');
    await post(body, { isBase64Encoded: true });

    const services = stream.records.flatMap(({ data }) =>
      openEnvelope(data).events.map(({ service }) => service),
    );
    expect(services).toEqual([undefined, 'grüße']);
  });

  it('keeps its right events when others are wrong, and counts both', async () => {
    const { json } = await post([{ event_id: 'a', type: 'login' }, { event_id: 'b' }, { type: 'made' }]);

    expect(json).toMatchObject({
      accepted: 2,
      rejected: [{ index: 1, event_id: 'b', code: 'missing_field' }],
    });
    expect(json.assigned).toEqual([{ index: 2, event_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    expect(meter.total(metricNames.acceptedEvents)).toBe(2);
    expect(meter.total(metricNames.rejectedEvents)).toBe(1);
    expect(logger.info).toHaveBeenCalledWith('events rejected', {
      ...caller.tenant,
      codes: { missing_field: 1 },
    });
  });

  it('sends late events apart, under the key for late ones', async () => {
    await post([
      { event_id: 'now', type: 't' },
      { event_id: 'late', type: 't', timestamp: clock.nowMs - 2 * dayMs },
    ]);

    expect(stream.records.map(({ partitionKey }) => partitionKey)).toEqual([
      'acme#production#0',
      'acme#production#0#late',
    ]);
  });
});

it('carries the trace of the request to the record', async () => {
  await post([{ type: 't' }], { headers: { 'X-Amzn-Trace-Id': `Root=1-5f-abc${'x'.repeat(1000)}` } });

  const { trace } = openEnvelope(stream.records[0]?.data ?? new Uint8Array()).header;
  expect(trace).toMatch(/^Root=1-5f-abc/);
  expect(trace).toHaveLength(256);
});

describe('a refused request', () => {
  it('with an idempotency key is told that it would not be honoured, rather than counted twice', async () => {
    expect(await refusal([{ type: 't' }], { headers: { 'Idempotency-Key': 'k' } })).toBe(
      'idempotency_key_not_served',
    );
    expect(stream.records).toEqual([]);
  });

  it.each([
    ['an empty body', '', 'invalid_json'],
    ['half a document', '[{"type":', 'invalid_json'],
    ['nothing valid', [{}], 'no_valid_event'],
    ['no event at all', [], 'no_valid_event'],
    ['501 events', Array.from({ length: 501 }, () => ({ type: 't' })), 'batch_too_large'],
    ['more than 512 KiB', `[${'"x",'.repeat(140_000)}"x"]`, 'batch_too_large'],
  ])('with %s says so and puts nothing on the stream', async (_, body, code) => {
    expect(await refusal(body)).toBe(code);
    expect(stream.records).toEqual([]);
  });

  it.each([
    ['a content type that is not JSON', { 'Content-Type': 'text/csv' }],
    ['a content encoding', { 'Content-Encoding': 'br' }],
  ])('with %s is 415', async (_, headers) => {
    expect(await refusal([], { headers })).toBe('unsupported_media_type');
  });

  it('with broken UTF-8 is no JSON', async () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(await refusal(body, { isBase64Encoded: true })).toBe('invalid_json');
  });
});

it('says nothing of an acceptance that the stream did not acknowledge', async () => {
  stream.put = () => Promise.reject(new Error('refused'));

  await expect(post([{ type: 't' }])).rejects.toThrow('refused');
  expect(meter.total(metricNames.acceptedEvents)).toBe(0);
});
