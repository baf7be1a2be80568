// The ingest function as deployed, without calls to other processes: records are dropped, keys and policies are in
// memory. Also the call alone, ours and the SDK's, to a server on loopback that acknowledges everything.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import middy from '@middy/core';
import { MemoryAccounts } from '../../adapters/accounts/memory-accounts.ts';
import { clientOptions, requestTimeouts } from '../../adapters/aws/client-options.ts';
import { MemoryIdempotencyKeys } from '../../adapters/idempotency/memory-idempotency-keys.ts';
import { MemoryLags } from '../../adapters/limits/memory-lags.ts';
import { MemoryOpenings } from '../../adapters/limits/memory-openings.ts';
import { MemoryUse } from '../../adapters/limits/memory-use.ts';
import { createKinesisClient, KinesisEventStream } from '../../adapters/record/kinesis-event-stream.ts';
import { MemoryPlatformKeys } from '../../adapters/signing/memory-platform-keys.ts';
import { requestPause, systemClock, systemRandom } from '../../adapters/system/clock-and-random.ts';
import { Leases } from '../../domain/limits/leases.ts';
import { compilePolicy } from '../../domain/personal-data/personal-data.ts';
import type { EventStream, OutgoingRecord } from '../../domain/record/port.ts';
import { StreamHealth } from '../../domain/record/stream-health.ts';
import { compileRejectedViews } from '../../domain/rejections/rejected-views.ts';
import { streamBreaker } from '../../domain/system/breaker.ts';
import type { Caller } from '../../lambdas/edge/caller.ts';
import type { HttpAnswer, HttpRequest } from '../../lambdas/edge/http.ts';
import { problemAnswers } from '../../lambdas/edge/problem-answers.ts';
import { requestKeys } from '../../lambdas/edge/request-keys.ts';
import { createIngest } from '../../lambdas/ingest/ingest.ts';
import { createTelemetry, type Meter, publishMetrics } from '../../lambdas/runtime/telemetry.ts';
import { caller, httpRequest } from '../../test/support/requests.ts';

const policy = compilePolicy({
  fields: [{ name: 'password', action: 'refuse' }],
  detectors: [
    { detect: 'email', action: 'redact', in: ['metadata', 'user_id', 'service'] },
    { detect: 'card_number', action: 'refuse' },
  ],
});

/** No limit ends a bench. */
const unlimited = { ...caller, eventsPerMinute: Number.MAX_SAFE_INTEGER };

export async function startIngestBench() {
  const server = await startKinesis();
  process.env.POWERTOOLS_METRICS_NAMESPACE = 'bench';
  const { logger, metrics, meter } = createTelemetry('ingest');
  const quiet: Meter = { count: () => {}, milliseconds: () => {}, tier: () => {}, publish: () => {} };
  const connection = {
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  };
  const sdk = new KinesisClient({ ...clientOptions(requestTimeouts), ...connection });
  const stream = new KinesisEventStream({
    client: createKinesisClient(requestTimeouts, connection),
    name: 'events',
    clock: systemClock,
    pause: requestPause,
    overloadPause: requestPause,
    health: new StreamHealth({ clock: systemClock, settings: streamBreaker }),
  });
  const ingestInto = (into: EventStream, measured = quiet) => {
    const ingest = createIngest({
      streams: { standard: into, priority: into },
      platformKeys: new MemoryPlatformKeys(systemRandom),
      openings: new MemoryOpenings(),
      eventLeases: new Leases(new MemoryUse(), systemClock),
      stageQuotaMode: 'observe',
      notices: new MemoryAccounts().notices,
      lags: new MemoryLags(),
      streamIds: { standard: 'events', priority: 'priority-events' },
      idempotencyKeys: new MemoryIdempotencyKeys(),
      readReceipts: async () => [],
      policyOf: async (_, name) => (name === undefined ? undefined : policy),
      rejectedViewsOf: async () => compileRejectedViews(),
      checkSignature: async () => {},
      spans: { end: () => {} },
      clock: systemClock,
      random: systemRandom,
      region: 'us-east-1',
      meter: measured,
      logger,
    });
    return (request: HttpRequest) => ingest(request, () => 12_000);
  };
  const nowhere: EventStream = { put: async () => {} };
  const handle = ingestInto(nowhere);
  const flushed = middy<HttpRequest, HttpAnswer>()
    .use(injectLambdaContext(logger))
    .use(publishMetrics(metrics))
    .use(requestKeys(logger))
    .use(problemAnswers(logger))
    .handler(ingestInto(nowhere, meter));

  return {
    /** As API Gateway passes it: in base64, because every type counts as binary. */
    request: (body: Buffer, more: Partial<Caller> = {}): HttpRequest =>
      httpRequest({
        body: body.toString('base64'),
        isBase64Encoded: true,
        caller: { ...unlimited, ...more },
      }),
    handle,
    /** By an ingest that has seen no other call: bodies that are refused open the account's circuit. */
    handleAfresh: (request: HttpRequest) => ingestInto(nowhere)(request),
    handleWithPolicy: (request: HttpRequest) => {
      const { requestContext } = httpRequest({ caller: { ...unlimited, policy: 'policy' } });
      return handle({ ...request, requestContext });
    },
    handleWithFlush: (request: HttpRequest) => quietly(() => flushed(request, lambdaContext)),
    recordsOf: async (request: HttpRequest): Promise<readonly OutgoingRecord[]> => {
      const put: OutgoingRecord[] = [];
      await ingestInto({ put: async (records) => void put.push(...records) })(request);
      return put;
    },
    putRecords: (records: readonly OutgoingRecord[]) => stream.put(records, Date.now() + 5000),
    putRecordsBySdk: (records: readonly OutgoingRecord[]) =>
      sdk.send(
        new PutRecordsCommand({
          StreamName: 'events',
          Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
        }),
      ),
    /** The number of PutRecords calls of one request. */
    callsOf: async (request: HttpRequest): Promise<number> => {
      const before = server.calls();
      await ingestInto(stream)(request);
      return server.calls() - before;
    },
    end: () => {
      sdk.destroy();
      server.end();
    },
  };
}

const lambdaContext = {
  awsRequestId: 'bench',
  functionName: 'ingest',
  getRemainingTimeInMillis: () => 12_000,
} as never;

/** Drops the written lines: the cost of a terminal must not be measured. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = write;
  }
}

async function startKinesis() {
  let calls = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls += 1;
      const count = JSON.parse(Buffer.concat(chunks).toString()).Records.length;
      const Records = Array.from({ length: count }, () => ({ SequenceNumber: '1', ShardId: 'shard' }));
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify({ FailedRecordCount: 0, Records }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    end: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
