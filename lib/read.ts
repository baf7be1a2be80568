// The hop that answers questions: summaries and receipts. It may write nothing.

import { Construct } from 'constructs';
import { signingKeyKey } from '../domain/keys.ts';
import { functionGraceMs, requestTimeMs } from '../domain/routes.ts';
import { allow } from './allow.ts';
import { allowPartitions } from './allow-partitions.ts';
import type { HopProps } from './hop.ts';
import { WeirFunction } from './weir-function.ts';

export class Read extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { aggregates, ledger } = storage.tables;
    this.function = new WeirFunction(this, 'Read', {
      stage,
      code,
      verb: 'read',
      description: 'Answers summaries, receipts and health',
      memoryMebibytes: 1024,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: { AGGREGATES_TABLE: aggregates.tableName, LEDGER_TABLE: ledger.tableName },
      statements: [
        allow('dynamodb', ['Query'], aggregates.tableArn),
        allow('dynamodb', ['BatchGetItem'], ledger.tableArn),
        allowPartitions(['GetItem'], ledger, { key: signingKeyKey }),
      ],
    }).function;
  }
}
