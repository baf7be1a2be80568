import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { requestPatience } from '../../adapters/client-options.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { DynamoSigningKey } from '../../adapters/dynamodb/signing-key.ts';
import { createKinesisClient, KinesisEventStream } from '../../adapters/kinesis/event-stream.ts';
import { betweenRequestTries, systemClock, systemIds } from '../../adapters/system.ts';
import { readVariable } from '../shared/environment.ts';
import type { HttpAnswer, HttpRequest } from '../shared/http.ts';
import { problemAnswers } from '../shared/problem-answers.ts';
import { createTelemetry, publishMetrics } from '../shared/telemetry.ts';
import { createIngest } from './ingest.ts';

const { logger, metrics, meter } = createTelemetry('ingest');
const ingest = createIngest({
  stream: new KinesisEventStream(
    createKinesisClient(requestPatience),
    readVariable('EVENT_STREAM'),
    systemClock,
    betweenRequestTries,
  ),
  signingKey: new DynamoSigningKey(
    {
      client: createDocumentClient(requestPatience),
      name: readVariable('LEDGER_TABLE'),
      pause: betweenRequestTries,
    },
    systemIds,
  ),
  clock: systemClock,
  ids: systemIds,
  region: readVariable('AWS_REGION'),
  meter,
  logger,
});

export const handler = middy<HttpRequest, HttpAnswer>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .use(problemAnswers(logger))
  .handler(ingest);
