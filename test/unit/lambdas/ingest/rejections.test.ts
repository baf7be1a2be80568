// What was rejected of a request travels as a record of its own, and no client waits for it or hears of it.

import { beforeEach, describe, expect, it } from 'vitest';
import type { PersonalDataPolicy } from '../../../../domain/personal-data/personal-data.ts';
import { decodeEnvelope, decodeRejections, rejectionsPart } from '../../../../domain/record/envelope.ts';
import type { EventStream, OutgoingRecord } from '../../../../domain/record/port.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { caller } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

let ingest: ReturnType<typeof startIngest>;
beforeEach(() => {
  ingest = startIngest();
});

const told = () => ingest.stream.optional.map(({ data }) => decodeRejections(data));
const headers = { 'Content-Type': 'application/json', 'User-Agent': 'curl/8.5.0 (x86_64) libcurl/8.5.0' };
const half = [{ type: 'order' }, { event_id: 'e-2' }];

describe('what is rejected of a batch', () => {
  it('travels beside its records, by code and field, with key and client and a sample', async () => {
    const { json } = await ingest.post([{ type: 'a' }, { event_id: 'x' }, { type: 'b', tpye: 1 }, {}], {
      headers,
    });

    expect(json).toMatchObject({ accepted: 1 });
    const [record = expect.fail('nothing was put')] = ingest.stream.optional;
    expect(record.partitionKey).toBe('acme#production#0#0');
    const { header, events } = decodeEnvelope(record.data);
    expect(header).toMatchObject({ kind: 'rejections', events: 0, part: rejectionsPart, late: false });
    expect(events).toEqual([]);
    expect(json.batch_id).toMatch(new RegExp(`^${header.batchId}`));
    expect(told()).toEqual([
      {
        keyId: 'abcdefabcdef',
        client: 'curl/8.5.0',
        counts: [
          { code: 'missing_field', field: 'type', count: 2 },
          { code: 'unknown_field', field: 'tpye', count: 1 },
        ],
        samples: [
          { code: 'missing_field', field: 'type', message: 'type is required.', event: '{"event_id":"x"}' },
          {
            code: 'unknown_field',
            field: 'tpye',
            message: '"tpye" is not a field of an event.',
            event: '{"type":"b","tpye":1}',
          },
        ],
      },
    ]);
  });

  it('is nothing if all events are valid', async () => {
    await ingest.post([{ type: 'a' }]);
    await ingest.debug(half);

    expect(ingest.stream.optional).toEqual([]);
  });

  it('goes to one slot of the account, on the stream of its batch', async () => {
    const slots = [3, 4, 5];
    for (let index = 0; index < 8; index += 1)
      await ingest.post(half, { caller: { ...caller, stream: 'priority', slots } });

    const keys = new Set(ingest.priority.optional.map(({ partitionKey }) => partitionKey));
    expect([...keys]).toEqual(['acme#production#0#3']);
    expect(ingest.stream.optional).toEqual([]);
  });

  it('goes to the stream of late events if its batch does', async () => {
    const late = { type: 'a', timestamp: ingest.clock.nowMs - 2 * dayMs };
    await ingest.post([late, {}]);
    await ingest.post([late, { type: 'now' }, {}]);

    const keys = ingest.stream.optional.map(({ partitionKey }) => partitionKey);
    expect(keys).toEqual(['acme#production#0#0#late', 'acme#production#0#0']);
  });

  it('is counted once for an idempotency key', async () => {
    const keyed = { headers: { ...headers, 'Idempotency-Key': 'k' } };
    const first = await ingest.post(half, keyed);
    const again = await ingest.post(half, keyed);

    expect(again.body).toBe(first.body);
    expect(ingest.stream.optional).toHaveLength(1);
  });

  it('shows nothing of what a policy forbids', async () => {
    const policy: PersonalDataPolicy = {
      fields: [{ name: 'ssn', action: 'refuse' }],
      detectors: [{ detect: 'email', action: 'refuse' }],
    };
    ingest.policies.set('acme#p', policy);
    const events = [
      { type: 'a' },
      { type: 'b', metadata: { ssn: '078-05-1120' } },
      { type: 'c', metadata: { note: 'ada@example.org' } },
    ];

    await ingest.post(events, { caller: { ...caller, policy: 'p' } });

    const [{ counts, samples } = expect.fail('nothing was put')] = told();
    expect(counts.map(({ code, field }) => [code, field])).toEqual([
      ['forbidden_personal_data', 'metadata.ssn'],
      ['forbidden_personal_data', 'metadata.note'],
    ]);
    expect(JSON.stringify(samples)).not.toMatch(/078|ada@/);
    expect(samples.map(({ event }) => JSON.parse(event ?? ''))).toEqual([
      { type: 'b', metadata: { ssn: '[redacted]' } },
      { type: 'c', metadata: { note: '[redacted]' } },
    ]);
  });

  it('shows no personal data even if no policy asks for that', async () => {
    await ingest.post([{ type: 'a' }, { type: 'b', 'ada@example.org': 1 }], {
      headers: { ...headers, 'User-Agent': 'ada@example.org' },
    });

    expect(JSON.stringify(told())).not.toContain('ada@');
    expect(told()).toMatchObject([
      { client: '*', counts: [{ code: 'unknown_field', field: '*', count: 1 }] },
    ]);
  });
});

describe('a request that is refused as a whole', () => {
  it('is told by its events if it has any', async () => {
    await ingest.post([{}, { event_id: 'x' }], { headers });
    await ingest.post(half, { headers: { ...headers, Prefer: 'handling=strict' } });
    await ingest.post([]);

    expect(told().map(({ counts }) => counts)).toEqual([
      [{ code: 'missing_field', field: 'type', count: 2 }],
      [{ code: 'missing_field', field: 'type', count: 1 }],
      [{ code: 'no_valid_event', field: '', count: 1 }],
    ]);
    expect(ingest.stream.records).toEqual([]);
  });

  it.each([
    ['invalid_json', '{"type":', headers],
    ['empty_body', '  ', headers],
    ['batch_too_large', JSON.stringify(Array.from({ length: 501 }, () => ({}))), headers],
    ['unsupported_media_type', 'a,b', { ...headers, 'Content-Type': 'text/csv' }],
  ])('is told by its code if it is not read: %s', async (code, body, sent) => {
    expect(await ingest.refusal(body, { headers: sent })).toBe(code);

    expect(told()).toMatchObject([
      {
        client: 'curl/8.5.0',
        counts: [{ code, field: '', count: 1 }],
        samples: [{ code, field: '', message: expect.stringMatching(/\w{4}/) }],
      },
    ]);
    expect(told()[0]?.samples[0]).not.toHaveProperty('event');
  });

  it('is not told if nothing is wrong with what it holds', async () => {
    const keyed = { headers: { ...headers, 'Idempotency-Key': 'k' } };
    await ingest.post([{ type: 'a' }], keyed);
    expect(await ingest.refusal([{ type: 'b' }], keyed)).toBe('idempotency_key_reused');

    expect(told()).toEqual([]);
  });

  it('is not told while its circuit is open, so that a flood of them costs nothing', async () => {
    const codes: string[] = [];
    for (let index = 0; index < 200; index += 1) codes.push(await ingest.refusal('{'));

    const refused = codes.filter((code) => code === 'circuit_open').length;
    expect(refused).toBeGreaterThan(50);
    expect(told()).toHaveLength(200 - refused);
  });
});

describe('the events of an account that keeps them', () => {
  const keeping = { ...caller, keepRejectedDays: 7 };

  it('travel with what was rejected of them, whole, but for what its policy forbids', async () => {
    ingest.policies.set('acme#p', { fields: [{ name: 'ssn', action: 'redact' }] });
    const metadata = { note: 'n'.repeat(3000), ssn: '078-05-1120', mail: 'ada@example.org' };
    await ingest.post([{ type: 'a' }, { metadata }, 7], { caller: { ...keeping, policy: 'p' } });

    expect(told()[0]?.kept).toEqual({
      days: 7,
      leftOut: 0,
      events: [
        {
          ...{ code: 'missing_field', field: 'type', message: 'type is required.' },
          event: { metadata: { ...metadata, ssn: '[redacted]' } },
        },
        { code: 'not_an_object', field: '', message: expect.stringMatching(/object/), event: 7 },
      ],
    });
  });

  it('travel too if the batch is refused, but not a body that is not read', async () => {
    await ingest.post([{}], { caller: keeping });
    await ingest.refusal('{', { caller: keeping });
    await ingest.post([{}]);

    expect(told().map(({ kept }) => kept?.events.length)).toEqual([1, undefined, undefined]);
  });

  it('are the others if one is nested too deeply to be kept', async () => {
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);
    const coloured = ['b', 'd'].map((event_id) => ({ event_id, type: 'order', colour: 'red' }));
    const [b, d] = coloured;
    await ingest.post([{ type: 'order', metadata: { deep } }, { type: 'a' }, b, { type: 'c' }, d], {
      caller: keeping,
    });

    const { events = [], leftOut } = told()[0]?.kept ?? {};
    expect(leftOut).toBe(1);
    expect(events.map(({ event, field }) => [field, event])).toEqual(
      coloured.map((each) => ['colour', each]),
    );
  });

  it('are bounded, and what is left out is told', async () => {
    const large = Array.from({ length: 20 }, (_, index) => ({
      event_id: `${index}`,
      metadata: { x: 'x'.repeat(20_000) },
    }));
    await ingest.post(large, { caller: keeping });

    const { events = [], leftOut = 0 } = told()[0]?.kept ?? {};
    expect(events.length).toBeGreaterThan(4);
    expect(events.length + leftOut).toBe(20);
    expect(JSON.stringify(events).length).toBeLessThan(140_000);
  });
});

describe('whatever becomes of the record,', () => {
  const failing: EventStream = {
    put: async (records: readonly OutgoingRecord[]) => {
      if (records.every(({ isOptional }) => isOptional)) throw new Unavailable('no stream');
    },
  };

  it('the answer is the same', async () => {
    const other = startIngest({ stream: failing });
    const answers = await Promise.all([[{}], half].map((body) => other.post(body)));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([422, 202]);
    expect(await other.refusal('{')).toBe('invalid_json');
    expect(other.meter.total(metricNames.lostRejections)).toBe(2);
  });

  it('it is put within 300 ms if it is alone', async () => {
    const deadlines: number[] = [];
    const other = startIngest({
      stream: { put: async (_, deadlineMs) => void deadlines.push(deadlineMs - other.clock.nowMs) },
    });

    await other.post([{}]);

    expect(deadlines).toEqual([300]);
  });

  it('a batch is accepted if its sample cannot be made', async () => {
    const other = startIngest({
      rejectedViewsOf: async () => {
        throw new Error('a bug');
      },
    });

    expect((await other.post(half)).statusCode).toBe(202);
    expect(other.stream.records).toHaveLength(1);
    expect(other.stream.optional).toEqual([]);
    expect(other.meter.total(metricNames.lostRejections)).toBe(1);
  });

  it('without its policy it counts, and shows no event', async () => {
    const other = startIngest({ rejectedViewsOf: () => Promise.reject(new Unavailable('no table')) });

    await other.post(half);

    const [record = expect.fail('nothing was put')] = other.stream.optional;
    const { counts, samples } = decodeRejections(record.data);
    expect(counts).toEqual([{ code: 'missing_field', field: 'type', count: 1 }]);
    expect(samples).toEqual([{ code: 'missing_field', field: 'type', message: 'type is required.' }]);
  });
});
