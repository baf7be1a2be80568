// The hop that answers questions: summaries, receipts, quarantine. All that it writes are folds of days, which can be
// made again from the hours that they are of.

import { Construct } from 'constructs';
import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import { firstSlotKeySuffix, platformKeyKey, quarantineKeyPrefix } from '../../domain/keys.ts';
import { allow } from '../function/allow.ts';
import { allowPartitions } from '../function/allow-partitions.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

export class Read extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { aggregates, ledger } = storage.tables;
    this.function = new WeirFunction(this, 'Read', {
      stage,
      code,
      verb: 'read',
      description: 'Answers summaries, receipts, quarantine and health',
      memoryMebibytes: 1024,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: { AGGREGATES_TABLE: aggregates.tableName, LEDGER_TABLE: ledger.tableName },
      statements: [
        allow('dynamodb', ['GetItem', 'Query'], aggregates.tableArn),
        // A fold lies with the first slot. A role cannot be held to sort keys, so the hours of that slot are within its
        // reach too, and only the code keeps from them.
        allowPartitions(['PutItem'], aggregates, { suffix: firstSlotKeySuffix }),
        allow('dynamodb', ['BatchGetItem'], ledger.tableArn),
        allowPartitions(['GetItem'], ledger, { key: platformKeyKey }),
        allowPartitions(['Query'], ledger, { prefix: quarantineKeyPrefix }),
      ],
    }).function;
  }
}
