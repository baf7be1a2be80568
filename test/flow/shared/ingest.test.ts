// The door that client developers meet, as they meet it: over HTTP, through the gateway, with everything behind it.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect } from 'vitest';
import { overload } from '../../../adapters/record/kinesis-event-stream.ts';
import { runCli } from '../../../cli/run.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { maxBatchBytes } from '../../../domain/event/batch.ts';
import { metricNames } from '../../../domain/service-levels/metrics.ts';
import { signRequest } from '../../../domain/signing/request-signature.ts';
import { type RunningWeir, startWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Answer, type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let folder: string;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
  folder = weir.folder;
});
afterEach(() => twin.faults.clear());

type Sender = {
  readonly api: Api;
  readonly account: string;
  /** Bytes as they are. */
  send(body: Uint8Array | string, headers?: Record<string, string>, path?: string): Promise<Answer>;
};

let accounts = 0;
/** An account of its own for each test, fast enough that no test meets its plan. */
async function newSender(): Promise<Sender> {
  accounts += 1;
  const account = `sender-${accounts}`;
  const { api_key } = await createAccountOn(twin, account, 'custom');
  return {
    api: createApi(twin.url, api_key),
    account,
    send: async (body, headers = {}, path = '/v1/events') => {
      const response = await fetch(`${twin.url}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': api_key, 'content-type': 'application/json', ...headers },
        body: Buffer.from(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        json: text === '' ? undefined : JSON.parse(text),
      };
    },
  };
}

const settled = async (api: Api, receipt: string) =>
  (
    await eventually(
      () => api.get(receipt),
      ({ json }) => json.status === 'stored',
    )
  ).json;
const totalOf = async ({ api, account }: Sender): Promise<number> =>
  (await api.get(`/v1/accounts/${account}/summary?window=24h`)).json.total;
const json = (events: unknown) => JSON.stringify(events);
const putRecords = () => twin.calls().ingest?.['kinesis.PutRecords']?.calls ?? 0;
async function weir(...words: string[]) {
  let out = '';
  const streams = { out: (text: string) => (out += text), err: (text: string) => expect.fail(text) };
  expect(await runCli([...words, '--json', '--endpoint', twin.proxyUrl], streams)).toBe(0);
  return JSON.parse(out);
}

describe('a batch', () => {
  const lines = '{"event_id":"a","type":"t"}\r\n\n{"event_id":"b","type":"t"}\n';
  const array = '[{"event_id":"a","type":"t"},{"event_id":"b","type":"t"}]';

  it.concurrent.each<[string, Uint8Array | string, Record<string, string>]>([
    ['as a JSON array', array, {}],
    ['as lines', lines, { 'content-type': 'application/x-ndjson' }],
    ['compressed, which the gateway undoes', gzipSync(array), { 'content-encoding': 'gzip' }],
    ['compressed, which nobody tells the gateway', gzipSync(array), {}],
    [
      'of lines, compressed',
      gzipSync(lines),
      { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
    ],
  ])('may come %s', async (_, body, headers) => {
    const sender = await newSender();
    const { status, json: answer } = await sender.send(body, headers);

    expect(status).toBe(202);
    expect(await settled(sender.api, answer.receipt)).toMatchObject({ accepted: 2, stored: 2 });
  });

  it('is one call of PutRecords', async () => {
    const sender = await newSender();
    const before = putRecords();

    await sender.send(json(Array.from({ length: 500 }, () => ({ type: 't' }))));

    expect(putRecords() - before).toBe(1);
  });

  it('of 512 KiB is taken, and of a byte more refused', async () => {
    const sender = await newSender();
    const filled = (bytes: number) => `[{"type":"t"}${' '.repeat(bytes - 14)}]`;

    expect((await sender.send(filled(maxBatchBytes))).status).toBe(202);
    expect((await sender.send(filled(maxBatchBytes + 1))).json).toMatchObject({
      status: 413,
      code: 'batch_too_large',
    });
  });

  it('is refused as a whole where the client prefers that', async () => {
    const sender = await newSender();
    const {
      status,
      headers,
      json: answer,
    } = await sender.send('[{"type":"t"},{}]', { prefer: 'handling=strict' });

    expect(status).toBe(422);
    expect(headers.get('preference-applied')).toBe('handling=strict');
    expect(answer).toMatchObject({ code: 'not_all_valid', rejected: [{ index: 1, code: 'missing_field' }] });
    expect(await totalOf(sender)).toBe(0);
  });
});

describe('bad input', () => {
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const saysGzip = { 'content-encoding': 'gzip' };
  it.each<[string, Uint8Array | string, Record<string, string>, number, string]>([
    ['an empty body', '', {}, 400, 'empty_body'],
    ['null', 'null', {}, 422, 'no_valid_event'],
    ['a number', '17', {}, 422, 'no_valid_event'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, {}, 422, 'no_valid_event'],
    [
      'deep metadata',
      `[{"type":"t","metadata":${'{"a":'.repeat(9)}1${'}'.repeat(9)}}]`,
      {},
      422,
      'no_valid_event',
    ],
    ['a number beyond all', '[{"type":"t","metadata":{"n":1e999}}]', {}, 422, 'no_valid_event'],
    [
      'an integer of more digits than are kept',
      '[{"type":"t","metadata":{"n":12345678901234567890}}]',
      {},
      422,
      'no_valid_event',
    ],
    ['a timestamp beyond all', '[{"type":"t","timestamp":1e300}]', {}, 422, 'no_valid_event'],
    ['__proto__', '[{"type":"t","__proto__":{"type":"u"}}]', {}, 422, 'no_valid_event'],
    ['half of a surrogate pair', '[{"type":"t","user_id":"\\ud83d"}]', {}, 422, 'no_valid_event'],
    ['half of one as a key', '[{"type":"t","metadata":{"\\udc00":1}}]', {}, 422, 'no_valid_event'],
    ['a raw NUL', '[{"type":"t\0"}]', {}, 400, 'invalid_json'],
    ['broken UTF-8', Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), {}, 400, 'invalid_json'],
    ['another type', 'a,b', { 'content-type': 'text/csv' }, 415, 'unsupported_media_type'],
    ['another encoding', '[]', { 'content-encoding': 'br' }, 415, 'unsupported_media_type'],
    ['a plain body that says gzip', '[{"type":"t"}]', saysGzip, 415, 'unsupported_media_type'],
    [
      'gzip that is cut off and says so',
      gzipSync('[{"type":"t"}]').subarray(0, 20),
      saysGzip,
      415,
      'unsupported_media_type',
    ],
    ['truncated gzip', gzipSync('[{"type":"t"}]').subarray(0, 20), {}, 400, 'invalid_gzip'],
    ['a gzip bomb', gzipSync(Buffer.alloc(50_000_000)), {}, 413, 'batch_too_large'],
    [
      'a gzip bomb that the gateway undoes',
      gzipSync(Buffer.alloc(3_000_000)),
      { 'content-encoding': 'gzip' },
      413,
      'batch_too_large',
    ],
    ['501 events', json(Array.from({ length: 501 }, () => ({ type: 't' }))), {}, 413, 'batch_too_large'],
    ['501 lines', '{"type":"t"}\n'.repeat(501), ndjson, 413, 'batch_too_large'],
    ['a bad line', '{"type":"t"}\nno\n', ndjson, 400, 'invalid_json'],
    ["another account's id", '[{"type":"t","account_id":"other"}]', {}, 422, 'no_valid_event'],
  ])('such as %s is told by a problem document', async (_, body, headers, status, code) => {
    const sender = await newSender();
    const answer = await sender.send(body, headers);

    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      status,
      code,
      type: `urn:weir:problem:${code}`,
      request_id: answer.headers.get('x-request-id'),
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.json)).not.toMatch(/arn:|stack|weir-dev|at .*\.ts|zlib|Z_/);
  });

  it('such as more than a function takes, and the gateway does, is a 413 of the gateway', async () => {
    const sender = await newSender();

    expect(await sender.send(Buffer.alloc(5_000_000))).toMatchObject({
      status: 413,
      json: { message: 'Request Too Long' },
    });
  });

  it('names the line of NDJSON that is none', async () => {
    const sender = await newSender();
    expect((await sender.send('{"type":"t"}\n\nno\n', ndjson)).json).toMatchObject({ line: 3 });
  });

  it.concurrent.each([
    ['the last of two keys with one name', '[{"event_id":"a","type":"first","type":"last"}]'],
    ['an escaped NUL', '[{"event_id":"a","type":"last","user_id":"a\\u0000b"}]'],
    ['__proto__ in metadata', '[{"event_id":"a","type":"last","metadata":{"__proto__":{"a":1}}}]'],
    ['a number that is exact, however large', '[{"event_id":"a","type":"last","metadata":{"n":1e20}}]'],
  ])('takes %s', async (_, body) => {
    const sender = await newSender();
    const { json: answer } = await sender.send(body);

    await settled(sender.api, answer.receipt);
    const { json: summary } = await sender.api.get(`/v1/accounts/${sender.account}/summary?window=24h`);
    expect(summary.by_type).toEqual([{ type: 'last', count: 1 }]);
  });

  it('of any bytes whatever gets a 2xx or a problem document of 4xx', async () => {
    const sender = await newSender();
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => gzipSync(text)),
    );
    const headers = fc.record(
      {
        'content-encoding': fc.constantFrom('gzip', 'identity'),
        'content-type': fc.constantFrom('application/json', 'application/x-ndjson'),
        'idempotency-key': fc.uuid(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(bodies, headers, async (body, sent) => {
        const { status, headers: got } = await sender.send(body, sent);
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(got.get('content-type')).toBe('application/problem+json');
      }),
      { numRuns: 80 },
    );
  });
});

it('a dry run says what would be stored, and stores nothing', async () => {
  const sender = await newSender();
  const before = putRecords();
  const { status, json: answer } = await sender.send(
    '[{"event_id":"a","type":"t"},{}]',
    {},
    '/v1/events:debug',
  );

  expect(status).toBe(200);
  expect(answer).toMatchObject({
    would_answer: { status: 202 },
    accepted: 1,
    rejected: [{ index: 1, code: 'missing_field' }],
    events: [{ event_id: 'a', type: 't', made: ['timestamp'] }],
  });
  expect(putRecords()).toBe(before);
  expect(await totalOf(sender)).toBe(0);
});

describe('an idempotency key', () => {
  const body = json([{ type: 'without-id' }, { type: 'without-id' }]);
  const keyed = (key: string) => ({ 'idempotency-key': key });

  it('makes one batch of many requests, also of those at once', async () => {
    const sender = await newSender();
    const answers = await Promise.all(Array.from({ length: 8 }, () => sender.send(body, keyed('k'))));
    const last = await eventually(
      () => sender.send(body, keyed('k')),
      ({ status }) => status === 202,
    );

    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expect(answer.json).toMatchObject({ status: 409, code: 'idempotency_in_flight', retry_after: 1 });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    const taken = [...answers.filter(({ status }) => status === 202), last];
    expect(last.headers.get('idempotency-replayed')).toBe('true');
    expect(new Set(taken.map((answer) => json(answer.json))).size).toBe(1);
    expect(taken.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(await settled(sender.api, last.json.receipt)).toMatchObject({
      accepted: 2,
      stored: 2,
      duplicates: 0,
    });
    expect(await totalOf(sender)).toBe(2);
  });

  it('is refused for another body, also one of the same bytes in another form', async () => {
    const sender = await newSender();
    const lines = { ...keyed('lines'), 'content-type': 'application/x-ndjson' };
    expect((await sender.send(body, lines)).json).toMatchObject({ code: 'no_valid_event' });
    expect((await sender.send(body, keyed('lines'))).json).toMatchObject({ code: 'idempotency_key_reused' });
    await sender.send(body, keyed('k'));

    expect((await sender.send('[{"type":"other"}]', keyed('k'))).json).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
  });

  it('makes the same records again where the function died after the stream had taken them', async () => {
    const sender = await newSender();
    const call = { caller: 'ingest', operation: 'PutRecords' };
    twin.faults.inject({ on: call, do: { kind: 'kill', moment: 'after' }, when: { times: 1 } });
    expect((await sender.send(body, keyed('k'))).status).toBeGreaterThanOrEqual(500);
    expect((await sender.send(body, keyed('k'))).json.code).toBe('idempotency_in_flight');
    twin.clock.moveBy(15_000);

    const { status, json: answer } = await sender.send(body, keyed('k'));

    expect(status).toBe(202);
    expect(await settled(sender.api, answer.receipt)).toMatchObject({
      accepted: 2,
      stored: 2,
      duplicates: 0,
    });
    expect(await totalOf(sender)).toBe(2);
  });

  it('is done without where its store does not answer, and a metric says so', async () => {
    const sender = await newSender();
    twin.metrics.reset();
    twin.faults.inject({
      on: { caller: 'ingest', service: 'dynamodb', resource: '*Ledger*' },
      do: { kind: 'error' },
    });

    expect((await sender.send(body, keyed('k'))).status).toBe(202);
    const skipped = await eventually(
      async () => twin.metrics.series().find(({ name }) => name === metricNames.idempotencySkipped),
      (series) => series !== undefined,
    );
    expect(skipped).toMatchObject({ sum: 1 });
  });
});

it('what a policy forbids is refused by field and never by value, or redacted', async () => {
  const sender = await newSender();
  const file = join(folder, 'policy.json');
  writeFileSync(
    file,
    json({
      fields: [{ name: 'pass*', action: 'refuse' }],
      detectors: [
        { detect: 'card_number', action: 'refuse' },
        { detect: 'email', action: 'redact' },
      ],
    }),
  );
  await weir('account', 'policy', 'set', '--account', sender.account, '--file', file);
  const secret = '4111 1111 1111 1111';

  const { json: answer } = await sender.send(
    json([
      { event_id: 'card', type: 't', metadata: { note: `pay with ${secret}` } },
      { event_id: 'password', type: 't', metadata: { login: { Password: secret } } },
      { event_id: 'mail', type: 't', metadata: { note: 'from ada@example.com' } },
    ]),
  );
  const { status, json: nothing } = await sender.send(
    json([{ type: 't', metadata: { passphrase: secret } }]),
  );

  expect(answer).toMatchObject({
    accepted: 1,
    rejected: [
      { event_id: 'card', code: 'forbidden_personal_data', field: 'metadata.note' },
      { event_id: 'password', code: 'forbidden_personal_data', field: 'metadata.login.Password' },
    ],
  });
  expect({ status, nothing }).toMatchObject({ status: 422, nothing: { code: 'no_valid_event' } });
  expect(json([answer, nothing])).not.toContain(secret);
  expect(readFileSync(join(folder, 'logs', 'ingest.log'), 'utf8')).not.toContain(secret);
  await settled(sender.api, answer.receipt);
  const debug = await sender.send(
    json([{ type: 't', metadata: { note: 'from ada@example.com' } }]),
    {},
    '/v1/events:debug',
  );
  expect(debug.json.events).toMatchObject([{ metadata: { note: 'from [redacted]' } }]);

  await weir('account', 'policy', 'clear', '--account', sender.account);
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await sender.send(json([{ type: 't', metadata: { password: 'x' } }]))).json).toMatchObject({
    accepted: 1,
  });
});

it('an account with a signing secret has to sign, and each signature is good once', async () => {
  const sender = await newSender();
  const { signing_secret, secret_id } = await weir('account', 'signing', 'add', '--account', sender.account);
  const body = json([{ type: 'signed' }]);
  const signed = (atMs: number, of = body) => ({
    'x-weir-timestamp': String(atMs),
    'x-weir-signature': signRequest(signing_secret, atMs, Buffer.from(of)),
  });
  const nowMs = twin.clock.now();

  expect((await sender.send(body)).json).toMatchObject({ status: 401, code: 'signature_required' });
  expect((await sender.send(body, signed(nowMs, `${body} `))).json).toMatchObject({
    code: 'signature_invalid',
  });
  expect((await sender.send(body, signed(nowMs - 301_000))).json).toMatchObject({
    code: 'signature_expired',
  });
  expect((await sender.send('not JSON')).json).toMatchObject({ code: 'signature_required' });
  expect((await sender.send(body, signed(nowMs))).status).toBe(202);
  expect((await sender.send(body, signed(nowMs))).json).toMatchObject({ code: 'signature_replayed' });
  const compressed = { ...signed(nowMs + 1), 'content-encoding': 'gzip' };
  expect((await sender.send(gzipSync(body), compressed)).status).toBe(202);
  expect((await sender.send(gzipSync(body), signed(nowMs + 2))).status).toBe(202);

  await weir('account', 'signing', 'remove', '--account', sender.account, '--secret', secret_id);
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await sender.send(body)).status).toBe(202);
});

describe('when the stream fails', () => {
  const body = json([{ type: 't' }]);
  const on = { caller: 'ingest', operation: 'PutRecords' };

  it('for a moment, the request outlasts it', async () => {
    const sender = await newSender();
    twin.faults.inject({ on, do: { kind: 'error' }, when: { times: 3 } });

    expect((await sender.send(body)).status).toBe(202);
  });

  it('in part, only what it refused is put again, and 202 waits for all of it', async () => {
    const sender = await newSender();
    const late = new Date(twin.clock.now() - 3 * 86_400_000).toISOString();
    const before = putRecords();
    const failing = { kind: 'partial', share: 0.5, code: 'InternalFailure' } as const;
    const rule = { on, do: failing, when: { times: 3 } };
    const refusing = twin.faults.inject(rule);

    const { status, json: answer } = await sender.send(json([{ type: 't' }, { type: 't', timestamp: late }]));

    expect(status).toBe(202);
    expect(putRecords() - before).toBeGreaterThanOrEqual(refusing.met());
    expect(await settled(sender.api, answer.receipt)).toMatchObject({
      accepted: 2,
      stored: 2,
      duplicates: 0,
    });
  });

  it('for what one account sends, that account is told, and the door stays open for the others', async () => {
    const [hot, quiet] = [await newSender(), await newSender()];
    const full = { kind: 'partial', share: 1, code: 'ProvisionedThroughputExceededException' } as const;
    const refusing = twin.faults.inject({ on, do: full });

    const told = await hot.send(body);
    expect(refusing.met()).toBeLessThanOrEqual(overload.tries);
    refusing.remove();

    expect(told).toMatchObject({ status: 503, json: { code: 'overloaded', retry_after: 2 } });
    expect(told.headers.get('retry-after')).toBe('2');
    expect((await quiet.send(body)).status).toBe(202);
  });

  it('for longer, callers are refused at once, and served again when it is back', async () => {
    const sender = await newSender();
    const outage = twin.faults.inject({ on, do: { kind: 'error' } });
    const first = await sender.send(body);
    expect(first).toMatchObject({ status: 503, json: { code: 'unavailable' } });
    const met = outage.met();
    const second = await sender.send(body);

    expect(second.json).toMatchObject({ status: 503, code: 'unavailable', retry_after: expect.any(Number) });
    expect(second.headers.get('retry-after')).toBe(String(second.json.retry_after));
    expect(outage.met() - met).toBeLessThanOrEqual(1);
    expect(json([first.json, second.json])).not.toMatch(/kinesis|stream/i);
    outage.remove();
    twin.clock.moveBy(8000);
    expect((await sender.send(body)).status).toBe(202);
  }, 60_000);
});

it('a request that takes too long is the gateway’s own problem document', async () => {
  const assembly = join(folder, 'hasty', 'assembly');
  cpSync(twin.assemblyFolder, assembly, { recursive: true });
  for (const name of readdirSync(assembly).filter((each) => each.endsWith('stateless.template.json'))) {
    const file = join(assembly, name);
    const template = readFileSync(file, 'utf8');
    // Ten seconds, which nothing of ours waits for in vain.
    expect(template).toContain('"TimeoutInMillis": 10000');
    writeFileSync(file, template.replaceAll('"TimeoutInMillis": 10000', '"TimeoutInMillis": 300'));
  }
  const hasty = await startWeir({
    assembly,
    memory: true,
    folder: join(folder, 'hasty'),
    accountIds: ['acme'],
    report: () => undefined,
  });
  hasty.faults.inject({ on: { operation: 'PutRecords' }, do: { kind: 'latency', ms: 1500 } });

  const answer = await createApi(hasty.url, hasty.accounts[0]?.api_key).post('/v1/events', [{ type: 't' }]);
  await hasty.stop();

  expect(answer).toMatchObject({ status: 504, json: { code: 'timeout', retry_after: 2 } });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('retry-after')).toBe('2');
}, 60_000);

it('the trace of a request goes on where its events are stored', async () => {
  const sender = await newSender();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const { headers, json: answer } = await sender.send(json([{ type: 'traced' }, {}]), {
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  });

  await settled(sender.api, answer.receipt);
  /** Written by another thread, a moment after the receipt. */
  const lineOf = async (verb: string) => {
    const lines = await eventually(
      async () =>
        readFileSync(join(folder, 'logs', `${verb}.log`), 'utf8')
          .split('\n')
          .slice(0, -1),
      (written) => written.some((line) => line.includes(traceId)),
    );
    return JSON.parse(lines.find((line) => line.includes(traceId)) ?? '');
  };
  const request_id = headers.get('x-request-id');
  expect(await lineOf('ingest')).toMatchObject({ message: 'events rejected', request_id, trace_id: traceId });
  expect(await lineOf('consume')).toMatchObject({ message: 'record stored', request_id, trace_id: traceId });
});

it('health is told to GET and HEAD without a key', async () => {
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(`${twin.url}/health`, { method });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(
      method === 'GET' ? '{"status":"alive","dependencies":"not_checked"}' : '',
    );
  }
});
