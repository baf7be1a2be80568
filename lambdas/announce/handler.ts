import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { EventBridgeBus } from '../../adapters/accounts/eventbridge-bus.ts';
import { announcementOf } from '../../adapters/accounts/stream-images.ts';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry } from '../runtime/telemetry.ts';
import { createAnnounce } from './announce.ts';

const { logger } = createTelemetry('announce');
const stage = readVariable('STAGE');
const announce = createAnnounce({
  bus: new EventBridgeBus(readVariable('EVENT_BUS'), workTimeouts),
  announcementOf: (image) => announcementOf(image, stage),
  logger,
});

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>()
  .use(injectLambdaContext(logger))
  .handler(announce);
