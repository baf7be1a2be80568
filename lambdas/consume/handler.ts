import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { workPatience } from '../../adapters/client-options.ts';
import { createDocumentClient } from '../../adapters/dynamodb/client.ts';
import { DynamoCounts } from '../../adapters/dynamodb/counts.ts';
import { DynamoIdentities } from '../../adapters/dynamodb/identities.ts';
import { DynamoPages } from '../../adapters/dynamodb/pages.ts';
import { systemClock, systemPause } from '../../adapters/system.ts';
import { readVariable } from '../shared/environment.ts';
import { createTelemetry, publishMetrics } from '../shared/telemetry.ts';
import { createConsume } from './consume.ts';

const { logger, metrics, meter } = createTelemetry('consume');
const client = createDocumentClient(workPatience);
const betweenCalls = systemPause({ firstMs: 50, mostMs: 1000 });
const consume = createConsume({
  identities: new DynamoIdentities(client, readVariable('IDENTITIES_TABLE'), betweenCalls),
  pages: new DynamoPages(client, readVariable('PAGES_TABLE'), betweenCalls),
  counts: new DynamoCounts(
    client,
    { aggregates: readVariable('AGGREGATES_TABLE'), ledger: readVariable('LEDGER_TABLE') },
    betweenCalls,
  ),
  clock: systemClock,
  pauses: {
    unavailable: systemPause({ firstMs: 500, mostMs: 10_000 }),
    contested: systemPause({ firstMs: 20, mostMs: 500 }),
  },
  meter,
  logger,
});

export const handler = middy<KinesisStreamEvent, KinesisStreamBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(publishMetrics(metrics))
  .handler((event, context) => consume(event, () => context.getRemainingTimeInMillis()));
