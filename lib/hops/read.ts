// The hop that answers summaries, searches, receipts, usage and quarantine. It writes folds of days, which can be made again from
// the hours of the day, and how many summaries an account has read.

import { Construct } from 'constructs';
import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import {
  daysKeySuffix,
  eventUseKeyPrefix,
  platformKeysKey,
  quarantineKeyPrefix,
  readUseKeyPrefix,
} from '../../domain/keys.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { type Heap, WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

/** A summary of any account does with it: see bench/summary.ts. Its memory is for the processor time. */
export const readHeap: Heap = { oldMebibytes: 96, semiSpaceMebibytes: 16 };

export class Read extends Construct {
  readonly live: WeirFunction['live'];

  constructor(scope: Construct, id: string, { stage, code, storage }: HopProps) {
    super(scope, id);
    const { aggregates, claimLogs, identities, ledger, pages } = storage.tables;
    this.live = new WeirFunction(this, 'Read', {
      stage,
      code,
      verb: 'read',
      description: 'Answers summaries, searches, receipts, usage, quarantine and health',
      memoryMebibytes: 1024,
      heap: readHeap,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: {
        AGGREGATES_TABLE: aggregates.tableName,
        LEDGER_TABLE: ledger.tableName,
        IDENTITIES_TABLE: identities.tableName,
        CLAIM_LOGS_TABLE: claimLogs.tableName,
        PAGES_TABLE: pages.tableName,
        QUOTAS: stage.quotas,
      },
      statements: [
        allow('dynamodb', ['BatchGetItem', 'GetItem', 'Query'], aggregates.tableArn),
        allow('dynamodb', ['GetItem'], identities.tableArn),
        allow('dynamodb', ['Query'], claimLogs.tableArn),
        allow('dynamodb', ['Query'], pages.tableArn),
        allowPartitions(['PutItem'], aggregates, { suffix: daysKeySuffix }),
        allowPartitions(['GetItem'], ledger, { key: platformKeysKey }),
        allowPartitions(['Query'], ledger, { prefix: quarantineKeyPrefix }),
        // What is used of limits: of events it is told, of summary reads it is kept here.
        allowPartitions(['GetItem'], ledger, { prefix: eventUseKeyPrefix }),
        allowPartitions(['GetItem', 'UpdateItem'], ledger, { prefix: readUseKeyPrefix }),
      ],
    }).live;
  }
}
