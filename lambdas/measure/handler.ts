import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { DynamoAccountLevels } from '../../adapters/service-levels/dynamodb-account-levels.ts';
import { systemClock, workPause } from '../../adapters/system/clock-and-random.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry, publishMetrics } from '../runtime/telemetry.ts';
import { createMeasure } from './measure.ts';
import type { LogDelivery } from './wire.ts';

const { logger, metrics, meter } = createTelemetry('measure');
const measure = createMeasure({
  levels: new DynamoAccountLevels({
    client: createDocumentClient(workTimeouts),
    name: readVariable('AGGREGATES_TABLE'),
    pause: workPause,
  }),
  clock: systemClock,
  meter,
  logger,
});

export const handler = middy<LogDelivery, void>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler(measure);
