import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientOptions } from '../../../../adapters/aws/client-options.ts';
import { createKinesisClient } from '../../../../adapters/record/kinesis-event-stream.ts';
import { createPutRecords, PutRecordsRefused } from '../../../../adapters/record/kinesis-put-records.ts';

type Received = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: Buffer };

const received: Received[] = [];
let answer: (response: ServerResponse) => void;
let connections = 0;
const server = createServer(async (request, response) => {
  const { method, url, headers } = request;
  received.push({ method, url, headers, body: await buffer(request) });
  answer(response);
});
server.on('connection', () => {
  connections += 1;
});
const taken = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
const answering =
  (status: number, body: string | object, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response
      .writeHead(status, { 'x-amzn-requestid': 'request-1', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received.length = 0;
  connections = 0;
  answer = answering(200, { FailedRecordCount: 0, Records: [taken] });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const timeouts = { connectTimeoutMs: 1000, requestTimeoutMs: 10_000 };
const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const credentials = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' };
const sdk = (config: ConstructorParameters<typeof KinesisClient>[0] = {}) =>
  new KinesisClient({
    ...clientOptions({ ...timeouts, maxAttempts: 1 }),
    ...{ endpoint: endpoint(), region: 'eu-west-1', credentials, ...config },
  });
/** A part of a larger buffer, as a sealed record is. */
const data = Buffer.from('-- 3 bytes: \u0000\u0001\u00ff --').subarray(3, -3);
const records = [
  { partitionKey: 'acmé#"production"#0#0', data },
  { partitionKey: 'globex#production#0#0', data: new Uint8Array() },
];
const bySdk = () =>
  sdk().send(
    new PutRecordsCommand({
      StreamName: 'events',
      Records: records.map(({ partitionKey, data: Data }) => ({ PartitionKey: partitionKey, Data })),
    }),
  );
const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('It has not failed.'),
    (error) => error,
  );

const sha256 = (what: string | Buffer) => createHash('sha256').update(what).digest('hex');
const hmac = (key: string | Buffer, what: string) => createHmac('sha256', key).update(what).digest();

/** As AWS checks it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned({ method, url, headers, body }: Received): boolean {
  const [, scope = '', names = '', signature] =
    /Credential=key\/(.*), SignedHeaders=(.*), Signature=(.*)/.exec(headers.authorization ?? '') ?? [];
  const signed = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, url, '', signed.join(''), names, sha256(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, 'AWS4secret');
  const wanted = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return (
    /^\d{8}\/eu-west-1\/kinesis\/aws4_request$/.test(scope) && hmac(key, wanted).toString('hex') === signature
  );
}

describe('PutRecords', () => {
  it('is the request of the SDK, signed', async () => {
    await createPutRecords(sdk())('events', records);
    await bySdk();

    const [ours, theirs] = received as [Received, Received];
    const shared = [
      'host',
      'content-type',
      'content-length',
      'x-amz-target',
      'x-amz-security-token',
    ] as const;
    expect(ours).toMatchObject({ method: theirs.method, url: theirs.url });
    for (const name of shared) expect(ours.headers[name]).toBe(theirs.headers[name]);
    expect(JSON.parse(ours.body.toString())).toEqual(JSON.parse(theirs.body.toString()));
    expect([ours, theirs].map(isSigned)).toEqual([true, true]);
    expect(isSigned({ ...ours, body: Buffer.from('{}') })).toBe(false);
  });

  it('returns what the stream says of each record, and null as the SDK does: as nothing', async () => {
    const refused = { ErrorCode: 'InternalFailure', ErrorMessage: 'no' };
    answer = answering(200, { Records: [{ ...taken, ErrorCode: null, ErrorMessage: null }, refused] });

    expect(await createPutRecords(sdk())('events', records)).toEqual([taken, refused]);
  });

  it('returns nothing of a record that the answer does not mention', async () => {
    answer = answering(200, {});

    expect(await createPutRecords(sdk())('events', records)).toEqual([]);
  });

  it('keeps its connection', async () => {
    const put = createPutRecords(sdk());

    for (let call = 0; call < 3; call += 1) await put('events', records);

    expect(received).toHaveLength(3);
    expect(connections).toBe(1);
  });

  it('goes where the environment says', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', endpoint());
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');

    await createKinesisClient(timeouts).putRecords('events', records);

    expect(received.map(isSigned)).toEqual([true]);
  });

  it('has the trace of the invocation', async () => {
    const put = createPutRecords(sdk());
    vi.stubEnv('_X_AMZN_TRACE_ID', undefined);
    await put('events', records);
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793');
    await put('events', records);

    expect(received.map(({ headers }) => headers['x-amzn-trace-id'])).toEqual([
      undefined,
      'Root=1-5759e988-bd862e3fe1be46a994272793',
    ]);
  });

  it('is signed with new credentials once the old ones expire', async () => {
    let asked = 0;
    const expiring = async () => {
      asked += 1;
      return { ...credentials, sessionToken: `token ${asked}`, expiration: new Date(Date.now() + 1000) };
    };
    const put = createPutRecords(sdk({ credentials: expiring }));

    await put('events', records);
    await put('events', records);

    const tokens = received.map(({ headers }) => headers['x-amz-security-token']);
    expect(new Set(tokens).size).toBe(2);
    expect(received.map(isSigned)).toEqual([true, true]);
  });

  it('can be made after one whose region could not be told', async () => {
    let asked = 0;
    const region = async () => {
      asked += 1;
      if (asked === 1) throw new Error('no region');
      return 'eu-west-1';
    };
    const put = createPutRecords(sdk({ region }));

    await expect(put('events', records)).rejects.toThrow('no region');
    expect(await put('events', records)).toEqual([taken]);
  });
});

describe('PutRecords that fails', () => {
  it.each<[string, number, string | object, Record<string, string>?]>([
    [
      'ProvisionedThroughputExceededException',
      400,
      { __type: 'ProvisionedThroughputExceededException', message: 'slow' },
    ],
    [
      'LimitExceededException',
      400,
      { __type: 'com.amazonaws.kinesis#LimitExceededException', Message: 'slow' },
    ],
    ['KMSThrottlingException', 400, { __type: 'KMSThrottlingException:http://internal/#x', message: 'slow' }],
    [
      'ValidationException',
      400,
      { message: 'wrong' },
      { 'x-amzn-errortype': 'ValidationException:http://internal/' },
    ],
    ['InternalFailure', 500, { __type: 'InternalFailure', message: null }],
  ])('has the name of the SDK: %s', async (name, status, body, headers) => {
    answer = answering(status, body, headers);

    const ours = await failure(createPutRecords(sdk())('events', records));
    const theirs = (await failure(bySdk())) as Error & { $metadata?: object };

    expect([ours.name, theirs.name]).toEqual([name, name]);
    expect(ours).toBeInstanceOf(PutRecordsRefused);
    expect(theirs).toMatchObject({ $metadata: (ours as PutRecordsRefused).$metadata });
    if (ours.message) expect(ours.message).toBe(theirs.message);
  });

  it.each(['', '<html>503</html>', '{}', 'null'])(
    'is of an unknown kind if it is answered by 503 and %j',
    async (body) => {
      answer = answering(503, body);

      const error = await failure(createPutRecords(sdk())('events', records));

      expect(error).toMatchObject({ name: 'UnknownError', $metadata: { httpStatusCode: 503 } });
    },
  );

  it('by an answer that is cut off is no acknowledgement', async () => {
    answer = answering(200, '{"Records":[{"Sequence');

    await expect(createPutRecords(sdk())('events', records)).rejects.toThrow(SyntaxError);
  });

  it('by a connection that is lost, or that nobody takes, has the code of that', async () => {
    answer = (response) => response.destroy();
    const lost = await failure(createPutRecords(sdk())('events', records));
    const nobody = sdk({ endpoint: 'http://127.0.0.1:1' });

    expect(lost).toMatchObject({ code: 'ECONNRESET' });
    expect(await failure(createPutRecords(nobody)('events', records))).toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it('for want of an answer in time is a time-out', async () => {
    answer = () => {};
    const { putRecords } = createKinesisClient(
      { ...timeouts, requestTimeoutMs: 50 },
      { endpoint: endpoint(), region: 'eu-west-1', credentials },
    );

    expect(await failure(putRecords('events', records))).toMatchObject({ name: 'TimeoutError' });
  });

  it('is not made again', async () => {
    answer = answering(500, { __type: 'InternalFailure' });
    const { putRecords } = createKinesisClient(timeouts, {
      endpoint: endpoint(),
      region: 'eu-west-1',
      credentials,
    });

    await failure(putRecords('events', records));

    expect(received).toHaveLength(1);
  });
});
