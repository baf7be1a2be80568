// What the verbs about records work with. Only they load it, because these clients take a while to load.

import { KinesisClient } from '@aws-sdk/client-kinesis';
import { DynamoBusiest } from '../adapters/accounts/dynamodb-busiest.ts';
import { type Connection, clientOptions, workTimeouts } from '../adapters/aws/client-options.ts';
import { createDocumentClient } from '../adapters/aws/dynamodb-client.ts';
import { Functions } from '../adapters/aws/invoke-function.ts';
import { DynamoLanes } from '../adapters/counting/dynamodb-lanes.ts';
import { DynamoQuarantine } from '../adapters/quarantine/dynamodb-quarantine.ts';
import { S3FailedRecords } from '../adapters/quarantine/s3-failed-records.ts';
import { StreamReader } from '../adapters/record/kinesis-stream-reader.ts';
import { DynamoAccountLevels } from '../adapters/service-levels/dynamodb-account-levels.ts';
import { systemClock, systemPause, workPause } from '../adapters/system/clock-and-random.ts';
import { DynamoTallySheets } from '../adapters/tally/dynamodb-tally-sheets.ts';
import type { BusiestList } from '../domain/accounts/port.ts';
import type { Lanes } from '../domain/counting/port.ts';
import type { FailedRecords, Quarantine } from '../domain/quarantine/port.ts';
import type { AccountLevels } from '../domain/service-levels/account-levels.ts';
import type { TallySheets } from '../domain/tally/port.ts';

export type RecordAccess = {
  readonly quarantine: Pick<Quarantine, 'list' | 'find'>;
  readonly lanes: Pick<Lanes, 'receipts' | 'lastFoldedRun' | 'documentsBetween' | 'tail'>;
  readonly sheets: Pick<TallySheets, 'open' | 'ofQuarter'>;
  readonly busiest: Pick<BusiestList, 'find'>;
  readonly levels: Pick<AccountLevels, 'hours'>;
  readonly failedRecords: Pick<FailedRecords, 'get' | 'list'>;
  readonly bucket: string;
  readonly functions: Pick<Functions, 'invoke'>;
  /** A stage may have one for late events, and a priority stream. */
  readonly streams: readonly Pick<StreamReader, 'describe' | 'shardIds' | 'read'>[];
};

/** The consumer reads the same shards, and each shard limits its reads: some are throttled and retried. */
const streamPatience = { ...workTimeouts, maxAttempts: 10 };

const betweenBusyInstances = systemPause({ firstMs: 500, maxMs: 10_000 });

export function connectRecords(
  stage: string,
  connection: Connection,
  output: (name: string) => string,
  has: (name: string) => boolean,
): RecordAccess {
  const client = createDocumentClient(workTimeouts, connection);
  const table = (name: string) => ({ client, name: output(name), pause: workPause });
  const ledger = table('LedgerTable');
  const aggregates = table('AggregatesTable');
  const bucket = output('FailedRecordsBucket');
  const kinesis = new KinesisClient({ ...clientOptions(streamPatience), ...connection });
  return {
    quarantine: new DynamoQuarantine(ledger),
    lanes: new DynamoLanes(aggregates),
    sheets: new DynamoTallySheets(ledger),
    busiest: new DynamoBusiest(aggregates),
    levels: new DynamoAccountLevels(aggregates),
    failedRecords: new S3FailedRecords({ bucket, timeouts: workTimeouts, connection }),
    bucket,
    functions: new Functions(stage, betweenBusyInstances, connection),
    streams: ['EventStream', ...['PriorityEventStream', 'LateEventStream'].filter(has)].map(
      (name) => new StreamReader({ client: kinesis, name: output(name), clock: systemClock }),
    ),
  };
}
