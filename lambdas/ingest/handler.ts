import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { DynamoNotices } from '../../adapters/accounts/dynamodb-notices.ts';
import { optionalTimeouts, requestTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { readReceipts } from '../../adapters/counting/dynamodb-receipts.ts';
import { DynamoIdempotencyKeys } from '../../adapters/idempotency/dynamodb-idempotency-keys.ts';
import { DynamoLags } from '../../adapters/limits/dynamodb-lags.ts';
import { DynamoOpenings } from '../../adapters/limits/dynamodb-openings.ts';
import { DynamoUse } from '../../adapters/limits/dynamodb-use.ts';
import { DynamoPolicies } from '../../adapters/personal-data/dynamodb-policies.ts';
import { DividedEventStream } from '../../adapters/record/divided-event-stream.ts';
import { createKinesisClient, KinesisEventStream } from '../../adapters/record/kinesis-event-stream.ts';
import { DynamoCurrentPlatformKey } from '../../adapters/signing/dynamodb-current-platform-key.ts';
import { DynamoSigningSecrets } from '../../adapters/signing/dynamodb-signing-secrets.ts';
import { DynamoUsedSignatures } from '../../adapters/signing/dynamodb-used-signatures.ts';
import {
  overloadPause,
  requestPause,
  systemClock,
  systemRandom,
} from '../../adapters/system/clock-and-random.ts';
import { createXraySpans } from '../../adapters/system/xray-spans.ts';
import { eventUseKey } from '../../domain/keys.ts';
import { Leases } from '../../domain/limits/leases.ts';
import type { QuotaMode } from '../../domain/limits/quota.ts';
import type { EventStream } from '../../domain/record/port.ts';
import { StreamHealth } from '../../domain/record/stream-health.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { streamBreaker } from '../../domain/system/breaker.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { problemAnswers } from '../edge/problem-answers.ts';
import { requestKeys } from '../edge/request-keys.ts';
import { readOptionalVariable, readVariable } from '../runtime/environment.ts';
import { countFailures, createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { corsHeaders } from './cors.ts';
import { eventHeaders } from './event-headers.ts';
import { createIngest } from './ingest.ts';
import { createPolicyLookup } from './policies.ts';
import { createSignatureCheck } from './signature.ts';

const { logger, metrics, meter } = createTelemetry('ingest');
const clock = systemClock;
const random = systemRandom;
const client = createDocumentClient(requestTimeouts);
const table = (name: string) => ({ client, name, pause: requestPause });
const accounts = table(readVariable('ACCOUNTS_TABLE'));
const ledger = table(readVariable('LEDGER_TABLE'));
/** For what a request is answered without, if it takes long. */
const optional = { client: createDocumentClient(optionalTimeouts) };
const receipts = { ...table(readVariable('AGGREGATES_TABLE')), ...optional };
const platformKeys = new DynamoCurrentPlatformKey({ table: ledger, random, clock: systemClock });

const kinesis = createKinesisClient(requestTimeouts);
const streamOf = (name: string) =>
  new KinesisEventStream({
    client: kinesis,
    name,
    clock,
    pause: requestPause,
    overloadPause,
    health: new StreamHealth({
      clock,
      settings: streamBreaker,
      onOpen: () => meter.count(metricNames.breakerOpenings, 1),
    }),
    onLeftOut: () => meter.count(metricNames.lostRejections, 1),
  });
const lateName = readOptionalVariable('LATE_EVENT_STREAM');
const late = lateName === undefined ? undefined : streamOf(lateName);
const besideLate = (live: EventStream) => (late ? new DividedEventStream({ live, late }) : live);
const standardName = readVariable('EVENT_STREAM');
const standard = besideLate(streamOf(standardName));
const priorityName = readOptionalVariable('PRIORITY_EVENT_STREAM');
// A stage that leaves its priority stream out again may have accounts that are still on it.
const priority = priorityName === undefined ? standard : besideLate(streamOf(priorityName));

const eventLeases = new Leases(new DynamoUse({ ...ledger, ...optional }, eventUseKey), clock);

const stageQuotaMode = readVariable('QUOTAS') as QuotaMode;

const ingest = createIngest({
  eventLeases,
  stageQuotaMode,
  notices: new DynamoNotices({ ...accounts, ...optional }),
  openings: new DynamoOpenings({ ...ledger, ...optional }),
  streams: { standard, priority },
  lags: new DynamoLags({ ...ledger, ...optional }),
  streamIds: { standard: standardName, priority: priorityName ?? standardName },
  platformKeys,
  idempotencyKeys: new DynamoIdempotencyKeys({ ...ledger, ...optional }),
  readReceipts: (places) => readReceipts(receipts, places),
  ...createPolicyLookup(new DynamoPolicies(accounts)),
  checkSignature: createSignatureCheck({
    signingSecrets: new DynamoSigningSecrets(accounts),
    platformKeys,
    usedSignatures: new DynamoUsedSignatures(ledger, random),
  }),
  spans: createXraySpans(readOptionalVariable('AWS_XRAY_DAEMON_ADDRESS')),
  clock,
  random,
  region: readVariable('AWS_REGION'),
  meter,
  logger,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .use(countFailures(metrics, 'ingest', readVariable('AWS_LAMBDA_FUNCTION_VERSION')))
  .use(requestKeys(logger))
  .use(corsHeaders())
  .use(eventHeaders(eventLeases, clock, stageQuotaMode))
  .use(problemAnswers(logger))
  .handler((request, context) => ingest(request, () => context.getRemainingTimeInMillis()));
