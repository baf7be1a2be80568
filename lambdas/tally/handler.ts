import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { KinesisStreamEvent } from 'aws-lambda';
import { workTimeouts } from '../../adapters/aws/client-options.ts';
import { createDocumentClient } from '../../adapters/aws/dynamodb-client.ts';
import { workPause } from '../../adapters/system/clock-and-random.ts';
import { DynamoTallySheets } from '../../adapters/tally/dynamodb-tally-sheets.ts';
import { readVariable } from '../runtime/environment.ts';
import { createTelemetry } from '../runtime/telemetry.ts';
import { createTally } from './tally.ts';

const { logger } = createTelemetry('tally');
const tally = createTally({
  sheets: new DynamoTallySheets({
    client: createDocumentClient(workTimeouts),
    name: readVariable('LEDGER_TABLE'),
    pause: workPause,
  }),
});

export const handler = middy<KinesisStreamEvent, void>().use(injectLambdaContext(logger)).handler(tally);
