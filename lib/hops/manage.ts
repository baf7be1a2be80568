// The hop by which an account changes itself: its keys, its members, and its records in quarantine. In the accounts table it
// writes keys, members and audit entries, and no settings of an account. For the health of the platform it asks every table for
// an item that is never there, and every stream whether it works.

import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import {
  accountKeyPrefix,
  accountKeysPrefix,
  accountMembersPrefix,
  apiKeyKeyPrefix,
  auditKeyPrefix,
  busiestKey,
  healthKey,
  lagKey,
  lastUseKeyPrefix,
  personKeyPrefix,
  quarantineKeyPrefix,
} from '../../domain/keys.ts';
import { liveAlias, liveNameOf } from '../../domain/system/stage-names.ts';
import { allow, allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import { type HopProps, streamsOf } from './hop.ts';

export class Manage extends Construct {
  readonly live: WeirFunction['live'];

  /** `settle` replays and discards records. */
  constructor(
    scope: Construct,
    id: string,
    { stage, code, storage, settle }: HopProps & { settle: IFunction },
  ) {
    super(scope, id);
    const { tables, stream, priorityStream, lateStream } = storage;
    const { accounts, aggregates, ledger } = tables;
    const prefixes = (...of: readonly string[]) => ({ prefixes: of });
    this.live = new WeirFunction(this, 'Manage', {
      stage,
      code,
      verb: 'manage',
      description:
        'Changes keys, members and quarantined records for their account, and answers its audit log',
      memoryMebibytes: 512,
      timeoutSeconds: (requestTimeMs + functionGraceMs) / 1000,
      environment: {
        ACCOUNTS_TABLE: accounts.tableName,
        LEDGER_TABLE: ledger.tableName,
        // For health alone.
        AGGREGATES_TABLE: aggregates.tableName,
        CLAIM_LOGS_TABLE: tables.claimLogs.tableName,
        IDENTITIES_TABLE: tables.identities.tableName,
        PAGES_TABLE: tables.pages.tableName,
        EVENT_STREAM: stream.streamName,
        ...(priorityStream && { PRIORITY_EVENT_STREAM: priorityStream.streamName }),
        ...(lateStream && { LATE_EVENT_STREAM: lateStream.streamName }),
        // By name: a reference would make one alias wait for the other.
        SETTLE_FUNCTION: liveNameOf(stage.name, 'settle'),
      },
      statements: [
        allowPartitions(
          ['BatchGetItem'],
          accounts,
          prefixes(apiKeyKeyPrefix, accountKeyPrefix, lastUseKeyPrefix, personKeyPrefix),
        ),
        allowPartitions(
          ['Query'],
          accounts,
          prefixes(accountKeysPrefix, accountMembersPrefix, auditKeyPrefix),
        ),
        allowPartitions(
          ['PutItem'],
          accounts,
          prefixes(apiKeyKeyPrefix, accountKeysPrefix, personKeyPrefix, accountMembersPrefix, auditKeyPrefix),
        ),
        allowPartitions(['DeleteItem'], accounts, prefixes(personKeyPrefix, accountMembersPrefix)),
        allowPartitions(['ConditionCheckItem'], accounts, prefixes(accountKeyPrefix, personKeyPrefix)),
        allowPartitions(['GetItem'], accounts, { prefix: accountKeyPrefix }),
        allowPartitions(['GetItem'], ledger, { prefix: quarantineKeyPrefix }),
        allow('lambda', ['InvokeFunction'], `${settle.functionArn}:${liveAlias}`),
        ...Object.values(tables).map((table) => allowPartitions(['GetItem'], table, { key: healthKey })),
        allowPartitions(['GetItem'], aggregates, { key: busiestKey }),
        allowPartitions(['Query'], ledger, { key: lagKey }),
        ...streamsOf(storage).map((each) => allow('kinesis', ['DescribeStreamSummary'], each.streamArn)),
      ],
    }).live;
  }
}
