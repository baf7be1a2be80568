// The six tables. They share their settings. None has an index, because items are read by their keys only.

import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageSettings } from '../stage/stage-settings.ts';

export class Tables extends Construct {
  /** Which record claimed an event id that has neither a time nor a batch. */
  readonly identities: Table;
  /** Logs of claims: of ids with a time or a batch, many to an item. */
  readonly claimLogs: Table;
  /** The events themselves. */
  readonly pages: Table;
  /** Counts by hour, from which summaries are made. */
  readonly aggregates: Table;
  /** Accounts, their settings and the hashes of their secrets. */
  readonly accounts: Table;
  /** Receipts, quarantine entries, jobs, idempotency keys, used signatures and the platform key. */
  readonly ledger: Table;

  constructor(scope: Construct, id: string, stage: StageSettings) {
    super(scope, id);
    const partitionKey = { name: 'pk', type: AttributeType.STRING };
    const sortKey = { name: 'sk', type: AttributeType.STRING };
    const shared = {
      partitionKey,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      deletionProtection: stage.protect,
      // RETAIN even after a failed first deploy: CloudFormation cannot delete a table with deletion protection, and the
      // rollback would fail.
      removalPolicy: stage.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.identities = new Table(this, 'Identities', shared);
    this.claimLogs = new Table(this, 'ClaimLogs', { ...shared, sortKey });
    this.pages = new Table(this, 'Pages', { ...shared, sortKey });
    this.aggregates = new Table(this, 'Aggregates', { ...shared, sortKey });
    this.accounts = new Table(this, 'Accounts', {
      ...shared,
      sortKey,
      // The outbox of announcements: audit entries and notices.
      stream: StreamViewType.NEW_IMAGE,
    });
    this.ledger = new Table(this, 'Ledger', { ...shared, sortKey });
  }
}
