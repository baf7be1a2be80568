// The stack of everything that holds data: tables, streams, failed records. It changes rarely, and a stage can protect it
// from deletion. What changes often is in the stateless stack.

import { CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { stackNamesOf, tagsOf } from '../domain/system/stage-names.ts';
import type { StageSettings } from './stage/stage-settings.ts';
import { EventStream } from './storage/event-stream.ts';
import { FailedRecordsBucket } from './storage/failed-records-bucket.ts';
import { ReportsBucket } from './storage/reports-bucket.ts';
import { Tables } from './storage/tables.ts';

/** The storage that the functions use. */
export type Storage = {
  readonly tables: Tables;
  readonly stream: IStream;
  /** Of accounts that are not to wait for others. Without it, they are on the stream with all others. */
  readonly priorityStream?: IStream;
  /** Of late events. Without it, they are on the stream with all others. */
  readonly lateStream?: IStream;
  readonly failedRecords: IBucket;
  /** Reports and the status page. */
  readonly reports: IBucket;
};

export class StatefulStack extends Stack {
  readonly storage: Storage;

  constructor(scope: Construct, stage: StageSettings) {
    super(scope, stackNamesOf(stage.name).stateful, {
      description: `Weir ${stage.name}: tables, streams and failed records`,
      terminationProtection: stage.protect,
      ...(stage.region && { env: { region: stage.region } }),
    });
    for (const [name, value] of Object.entries(tagsOf(stage.name))) Tags.of(this).add(name, value);

    const tables = new Tables(this, 'Tables', stage);
    const { standard, priority } = stage.streams;
    const { stream } = new EventStream(this, 'Events', stage, standard);
    const priorityStream =
      'leftOut' in priority ? undefined : new EventStream(this, 'PriorityEvents', stage, priority).stream;
    const lateStream =
      'leftOut' in stage.lateEvents
        ? undefined
        : new EventStream(this, 'LateEvents', stage, stage.lateEvents.streamCapacity).stream;
    const { bucket: failedRecords } = new FailedRecordsBucket(this, 'FailedRecords', stage);
    const { bucket: reports } = new ReportsBucket(this, 'Reports', stage);
    this.storage = {
      tables,
      stream,
      ...(priorityStream && { priorityStream }),
      ...(lateStream && { lateStream }),
      failedRecords,
      reports,
    };

    const names = {
      IdentitiesTable: tables.identities.tableName,
      ClaimLogsTable: tables.claimLogs.tableName,
      PagesTable: tables.pages.tableName,
      AggregatesTable: tables.aggregates.tableName,
      AccountsTable: tables.accounts.tableName,
      LedgerTable: tables.ledger.tableName,
      EventStream: stream.streamName,
      ...(priorityStream && { PriorityEventStream: priorityStream.streamName }),
      ...(lateStream && { LateEventStream: lateStream.streamName }),
      FailedRecordsBucket: failedRecords.bucketName,
      ReportsBucket: reports.bucketName,
      ...('public' in stage.statusPage && {
        StatusPage: `https://${reports.bucketRegionalDomainName}/status/index.html`,
      }),
    };
    for (const [name, value] of Object.entries(names)) new CfnOutput(this, name, { value });
  }
}
