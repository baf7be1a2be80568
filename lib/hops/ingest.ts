// The hop that accepts batches. It may put records on the streams, read the settings of an account and receipts, and keep
// five things in the ledger: the platform key (which signs batch ids), idempotency keys, used signatures, what is used
// of limits, and open circuits. There it reads how far consume is behind.

import { Construct } from 'constructs';
import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import {
  accountKeyPrefix,
  circuitKeyPrefix,
  countKeyPrefix,
  eventUseKeyPrefix,
  idempotencyKeyPrefix,
  lagKey,
  noticeKeyPrefix,
  platformKeysKey,
  usedSignaturePrefix,
} from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import { type HopProps, streamsOf } from './hop.ts';

export class Ingest extends Construct {
  readonly live: WeirFunction['live'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts, aggregates, ledger } = storage.tables;
    this.live = new WeirFunction(this, 'Ingest', {
      stage,
      code,
      verb: 'ingest',
      description: 'Validates a batch and answers once the stream has acknowledged it',
      memoryMebibytes: 1024,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        AGGREGATES_TABLE: aggregates.tableName,
        EVENT_STREAM: storage.stream.streamName,
        ...(storage.priorityStream && { PRIORITY_EVENT_STREAM: storage.priorityStream.streamName }),
        ...(storage.lateStream && { LATE_EVENT_STREAM: storage.lateStream.streamName }),
        LEDGER_TABLE: ledger.tableName,
        QUOTAS: stage.quotas,
      },
      statements: [
        ...streamsOf(storage).map(({ streamArn }) => allow('kinesis', ['PutRecords'], streamArn)),
        // The other partitions hold the hashes of secrets, which only the authorizer reads.
        allowPartitions(['GetItem'], accounts, { prefix: accountKeyPrefix }),
        // That a share of a quota is reached.
        allowPartitions(['PutItem'], accounts, { prefix: noticeKeyPrefix }),
        // Whether a batch was discarded since its idempotency key was answered.
        allowPartitions(['BatchGetItem'], aggregates, { prefix: countKeyPrefix }),
        // The other partitions hold quarantine entries and jobs, which ingest must not touch.
        allowPartitions(['GetItem', 'PutItem'], ledger, { key: platformKeysKey }),
        allowPartitions(['PutItem', 'UpdateItem'], ledger, { prefix: idempotencyKeyPrefix }),
        allowPartitions(['PutItem'], ledger, { prefix: usedSignaturePrefix }),
        allowPartitions(['UpdateItem'], ledger, { prefix: eventUseKeyPrefix }),
        allowPartitions(['GetItem', 'PutItem'], ledger, { prefix: circuitKeyPrefix }),
        allowPartitions(['Query'], ledger, { key: lagKey }),
      ],
    }).live;
  }
}
