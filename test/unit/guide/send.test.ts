import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problemDocument } from '../../../domain/api/problems.ts';

/** Pauses end at once and are printed, so that no test waits for them; chance is at its least. */
const withoutWaiting = `data:text/javascript,${encodeURIComponent(`
  import timers from 'node:timers/promises';
  import { syncBuiltinESMExports } from 'node:module';
  timers.setTimeout = async (ms) => console.error('paused ' + ms / 1000);
  Math.random = () => 0;
  syncBuiltinESMExports();
`)}`;

const codeOf = (page: string, begin: string): string => {
  const text = readFileSync(page, 'utf8');
  const code = [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const found = code.find((block) => block.startsWith(begin));
  if (!found) throw new Error(`${page} has lost the code that begins with "${begin}".`);
  return found;
};
const client = codeOf('docs/guide/sending-events.md', '// send.mjs');
const signing = codeOf('docs/guide/signatures.md', "import { createHmac } from 'node:crypto';");

type Answer = { readonly status: number; readonly body: unknown; readonly retryAfter?: number };
type Received = { readonly headers: IncomingHttpHeaders; readonly events: unknown; readonly url?: string };

let folder = '';
let server: Server;
let url = '';
/** Nothing listens there. */
let deadUrl = '';
let answers: Answer[] = [];
let received: Received[] = [];

async function urlOf(listening: Server): Promise<string> {
  await once(listening, 'listening');
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-send-'));
  writeFileSync(join(folder, 'send.mjs'), client);
  writeFileSync(join(folder, 'events.json'), '[{"event_id":"e-1","type":"order"}]');
  writeFileSync(join(folder, 'text.json'), '"text"');
  writeFileSync(join(folder, 'null.json'), 'null');
  const closed = createServer().listen(0, '127.0.0.1');
  deadUrl = await urlOf(closed);
  closed.close();
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const events = JSON.parse(gunzipSync(Buffer.concat(chunks)).toString());
    received.push({ headers: request.headers, events, ...(request.url && { url: request.url }) });
    const { status, body, retryAfter } = answers.shift() ?? { status: 500, body: 'no answer is left' };
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    response.writeHead(status);
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  url = await urlOf(server);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  answers = [];
  received = [];
});

const problem = (code: Parameters<typeof problemDocument>[0], extra = {}): Answer => {
  const body = problemDocument(code, 'r-1', extra);
  return { status: body.status, body, ...(body.retry_after && { retryAfter: body.retry_after }) };
};
const accepted: Answer = { status: 202, body: { batch_id: 'b', accepted: 1, rejected: [] } };

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

async function send(
  environment: NodeJS.ProcessEnv,
  file = 'events.json',
  script = 'send.mjs',
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', withoutWaiting, script, file], {
    cwd: folder,
    env: environment,
  });
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'close').then(([exitCode]) => exitCode as number | null),
  ]);
  return { code, out: out.join(''), err: err.join('') };
}
const pausesIn = (err: string) => [...err.matchAll(/^paused (.*)$/gm)].map(([, seconds]) => Number(seconds));

describe('send.mjs of the guide', () => {
  it('sends a batch under a key, compressed, and prints the answer', async () => {
    answers = [accepted];

    const ended = await send({ URL: `${url}/`, KEY: 'weir_k' });

    expect(ended).toEqual({ code: 0, out: `${JSON.stringify(accepted.body)}\n`, err: '' });
    expect(received).toMatchObject([
      {
        url: '/v1/events',
        headers: { 'x-api-key': 'weir_k', 'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/) },
        events: [{ event_id: 'e-1', type: 'order' }],
      },
    ]);
  });

  it.each([
    ['no URL', { KEY: 'k' }, 'events.json', 'Set URL'],
    ['a URL that is none', { URL: 'localhost:8787', KEY: 'k' }, 'events.json', 'Set URL'],
    ['no key', { URL: 'http://127.0.0.1:1' }, 'events.json', 'Set KEY'],
    ['a key that is none', { URL: 'http://127.0.0.1:1', KEY: 'weir_…' }, 'events.json', 'Set KEY'],
    ['no file', { URL: 'http://127.0.0.1:1', KEY: 'k' }, '', 'Name a file'],
    ['a URL of a route', { URL: 'http://127.0.0.1:1/v1', KEY: 'k' }, 'events.json', 'without /v1'],
    [
      'TRIES that is no number',
      { URL: 'http://127.0.0.1:1', KEY: 'k', TRIES: 'abc' },
      'events.json',
      'not "abc"',
    ],
    ['TRIES of none', { URL: 'http://127.0.0.1:1', KEY: 'k', TRIES: '0' }, 'events.json', 'not "0"'],
    [
      'a file that is not there',
      { URL: 'http://127.0.0.1:1', KEY: 'k' },
      'none.json',
      'none.json cannot be read',
    ],
    ['a file that is not JSON', { URL: 'http://127.0.0.1:1', KEY: 'k' }, 'send.mjs', 'send.mjs is not JSON'],
    ['a text', { URL: 'http://127.0.0.1:1', KEY: 'k' }, 'text.json', 'text.json is not an array of events'],
    ['null', { URL: 'http://127.0.0.1:1', KEY: 'k' }, 'null.json', 'null.json is not an array of events'],
  ])('with %s says so and ends with 2, without a try', async (_, environment, file, message) => {
    const { code, out, err } = await send(environment, file);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(pausesIn(err)).toEqual([]);
  });

  it.each(['unauthorized', 'idempotency_key_reused'] as const)(
    'ends with 1 after %s, prints title, code, detail and request id, and does not retry',
    async (code) => {
      answers = [problem(code), accepted];

      const ended = await send({ URL: url, KEY: 'k' });

      const { status, title, detail } = problemDocument(code, 'r-1');
      expect(ended).toEqual({
        code: 1,
        out: '',
        err: `${status} ${title} (${code}) - ${detail} request_id r-1\n`,
      });
      expect(received).toHaveLength(1);
    },
  );

  it('retries what can pass, backing off, with the same bytes and the same key', async () => {
    answers = [problem('internal'), problem('internal'), { status: 502, body: 'a proxy' }, accepted];

    const { code, err } = await send({ URL: url, KEY: 'k' });

    expect(code).toBe(0);
    expect(pausesIn(err)).toEqual([0.5, 1, 2]);
    expect(err).toContain('500 Internal error (internal)');
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(received).toHaveLength(4);
  });

  it.each([
    ['unavailable', 2],
    ['rate_limited', 7],
    ['idempotency_in_flight', 3],
  ] as const)('after %s waits as long as Retry-After says', async (code, retryAfter) => {
    answers = [{ ...problem(code), retryAfter }, accepted];

    const ended = await send({ URL: url, KEY: 'k' });

    expect(ended.code).toBe(0);
    expect(pausesIn(ended.err)).toEqual([retryAfter]);
  });

  it('retries while nobody answers, up to a minute apart, and then ends with 1 and the reason', async () => {
    const { code, out, err } = await send({ URL: deadUrl, KEY: 'k' });

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(pausesIn(err)).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
    expect(err.trim().split('\n').at(-1)).toBe('No answer - ECONNREFUSED');
  });

  it('tries as often as TRIES says', async () => {
    const { code, err } = await send({ URL: deadUrl, KEY: 'k', TRIES: '2' });

    expect(code).toBe(1);
    expect(pausesIn(err)).toEqual([0.5]);
  });

  it('ends with 1 where some events are rejected, and names them', async () => {
    const rejected = [{ index: 0, code: 'missing_field', field: 'type', message: 'type is required.' }];
    answers = [{ status: 202, body: { batch_id: 'b', accepted: 1, rejected } }];

    const { code, out, err } = await send({ URL: url, KEY: 'k' });

    expect(code).toBe(1);
    expect(out).toContain('"batch_id":"b"');
    expect(err).toBe(`rejected: ${JSON.stringify(rejected[0])}\n`);
  });

  it('names rejected events of a batch that is refused as a whole', async () => {
    answers = [problem('no_valid_event', { rejected: [{ index: 0, code: 'missing_field' }] })];

    const { code, err } = await send({ URL: url, KEY: 'k' });

    expect(code).toBe(1);
    expect(err).toContain('rejected: {"index":0,"code":"missing_field"}\n422 No valid event');
  });

  it('signs each try with the lines of the page on signatures', async () => {
    writeFileSync(
      join(folder, 'signing.mjs'),
      signing + client.replace('const signatureOf = () => ({});\n', ''),
    );
    answers = [problem('unavailable'), accepted];

    const { code } = await send({ URL: url, KEY: 'k', SECRET: 'weirsig_s' }, 'events.json', 'signing.mjs');

    expect(code).toBe(0);
    for (const { headers, events } of received) {
      const timestamp = headers['x-weir-timestamp'];
      const mac = createHmac('sha256', 'weirsig_s').update(`${timestamp}.${JSON.stringify(events)}`);
      expect(headers['x-weir-signature']).toBe(mac.digest('hex'));
    }
    expect(received).toHaveLength(2);
  });
});
