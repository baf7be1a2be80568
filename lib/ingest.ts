// The hop that takes batches in: it may put records on the stream, and read or make the key that signs batch ids.

import { Construct } from 'constructs';
import { requestTimeMs } from '../domain/routes.ts';
import { allow } from './allow.ts';
import type { HopProps } from './hop.ts';
import { allowSigningKey } from './signing-key.ts';
import { graceSeconds, WeirFunction } from './weir-function.ts';

export class Ingest extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { ledger } = storage.tables;
    this.function = new WeirFunction(this, 'Ingest', {
      stage,
      code,
      verb: 'ingest',
      description: 'Validates a batch and answers once the stream has acknowledged it',
      memoryMebibytes: 1024,
      timeoutSeconds: requestTimeMs / 1000 + graceSeconds,
      environment: { EVENT_STREAM: storage.stream.streamName, LEDGER_TABLE: ledger.tableName },
      statements: [
        allow('kinesis', ['PutRecords'], storage.stream.streamArn),
        // The rest of the ledger is receipts, which only the consumer writes.
        allowSigningKey(['GetItem', 'PutItem'], ledger),
      ],
    }).function;
  }
}
