// The hop that takes batches in: it may put records on the stream, read what an account has set of itself, and keep in
// the ledger what it needs to answer: the key that signs batch ids, idempotency keys and signatures that were used.

import { Construct } from 'constructs';
import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import {
  accountKeyPrefix,
  idempotencyKeyPrefix,
  platformKeyKey,
  usedSignaturePrefix,
} from '../../domain/keys.ts';
import { allow } from '../function/allow.ts';
import { allowPartitions } from '../function/allow-partitions.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

export class Ingest extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { accounts, ledger } = storage.tables;
    this.function = new WeirFunction(this, 'Ingest', {
      stage,
      code,
      verb: 'ingest',
      description: 'Validates a batch and answers once the stream has acknowledged it',
      memoryMebibytes: 1024,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        EVENT_STREAM: storage.stream.streamName,
        LEDGER_TABLE: ledger.tableName,
      },
      statements: [
        allow('kinesis', ['PutRecords'], storage.stream.streamArn),
        // The rest of the accounts are the hashes of their secrets, which only the authorizer reads.
        allowPartitions(['GetItem'], accounts, { prefix: accountKeyPrefix }),
        // The rest of the ledger is receipts, which only the consumer writes.
        allowPartitions(['GetItem', 'PutItem'], ledger, { key: platformKeyKey }),
        allowPartitions(['PutItem', 'UpdateItem'], ledger, { prefix: idempotencyKeyPrefix }),
        allowPartitions(['PutItem'], ledger, { prefix: usedSignaturePrefix }),
      ],
    }).function;
  }
}
